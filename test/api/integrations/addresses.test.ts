import { expect, test } from "vitest";
import { post } from "../../../api/integrations/channels/post.ts";
import { isPublicAddress, publicLookup, urlProblem } from "../../../api/integrations/channels/public-addresses.ts";
import { smtpSettings } from "../../../api/integrations/channels/email.ts";

test.each([
  ...["8.8.8.8", "172.15.255.255", "172.32.0.0", "192.0.1.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"].map(
    (address) => [address, true] as const,
  ),
  ...["127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1"].map(
    (address) => [address, false] as const,
  ),
  ...["0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:8.8.8.8", "fe80::1", "fc00::1", "ff02::1"].map(
    (address) => [address, false] as const,
  ),
  ...["64:ff9b::a00:1", "2001:db8::1", "2002:a00:1::", "2001::1", "localhost", ""].map(
    (address) => [address, false] as const,
  ),
])("%s is public: %s", (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});

test.each([
  ["http://127.0.0.1:9000/x", ["127.0.0.1"], true],
  ["http://127.0.0.1:9000/x", ["127.0.0.1:9000"], true],
  ["http://127.0.0.1:9001/x", ["127.0.0.1:9000"], false],
  ["http://[::1]:9000/x", ["[::1]:9000"], true],
  ["https://hooks.internal/x", ["Hooks.Internal"], true],
  ["http://hooks.internal/x", ["hooks.internal:443"], false],
  ["http://hooks.internal.evil.example/x", ["hooks.internal"], false],
])("%s may be posted to where %j is allowed: %s", (url, allowed, isAllowed) => {
  expect(urlProblem(url, allowed) === undefined).toBe(isAllowed);
});

test("a name with a private address is not connected to, and neither is an address that was allowed before", async () => {
  const found = await new Promise<Error | null>((resolve) => {
    publicLookup("localhost", {}, (error) => resolve(error));
  });
  expect(found?.message).toMatch(/private address/);
  const signal = AbortSignal.timeout(30_000);
  const answer = await post("http://127.0.0.1:9/x", "{}", { signal, allowedHosts: [] });
  expect(answer).toMatchObject({ accepted: false, response: expect.stringMatching(/https/) });
});

test.each([
  ["smtp://mail.example?from=a%40b.example", "https://waystock.example", "a@b.example", "smtp://mail.example"],
  [
    "smtp://a%40c.example:p@mail.example",
    "https://waystock.example",
    "a@c.example",
    "smtp://a%40c.example:p@mail.example",
  ],
  ["smtps://u:p@mail.example", "https://waystock.example", "waystock@waystock.example", "smtps://u:p@mail.example"],
  ["smtp://mail.example:25", "http://127.0.0.1:8080", "waystock@localhost", "smtp://mail.example:25"],
])("mail by %s of %s is from %s", (smtpUrl, publicUrl, from, url) => {
  expect(smtpSettings(smtpUrl, publicUrl)).toMatchObject({ from, url });
});
