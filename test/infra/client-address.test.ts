import { expect, test } from "vitest";
import { addressBlock, createClientAddress } from "../../infra/runtime/client-address.ts";

test.for<[proxies: string[], socket: string, forwarded: string | undefined, client: string]>([
  [[], "10.0.0.1", "203.0.113.7", "10.0.0.1"],
  [["10.0.0.0/8"], "10.0.0.1", "203.0.113.7", "203.0.113.7"],
  [["10.0.0.0/8"], "::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"],
  [["10.0.0.0/8"], "192.0.2.1", "203.0.113.7", "192.0.2.1"],
  [["10.0.0.0/8"], "10.0.0.1", undefined, "10.0.0.1"],
  [["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, 203.0.113.7, 10.0.0.2", "203.0.113.7"],
  [["10.0.0.0/8"], "10.0.0.1", "203.0.113.7, nonsense", "10.0.0.1"],
  [["127.0.0.1", "::1"], "::1", "203.0.113.7:5555", "203.0.113.7"],
  [["127.0.0.1"], "127.0.0.1", "[2001:db8::7]:5555", "2001:db8::7"],
  [["2001:db8::/32"], "2001:db8::1", "10.0.0.9", "10.0.0.9"],
])("behind %j a request from %s with X-Forwarded-For %s is of %s", ([proxies, socket, forwarded, client]) => {
  expect(createClientAddress(proxies)(socket, forwarded)).toBe(client);
});

test("an IPv6 customer counts as one, whatever address of the network is used", () => {
  expect(addressBlock("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(addressBlock("2001:0db8:0001:0002::1")).toBe("2001:db8:1:2::/64");
  expect(addressBlock("2001:db8::1")).toBe("2001:db8:0:0::/64");
  expect(addressBlock("::1")).toBe("::1");
  expect(addressBlock("203.0.113.7")).toBe("203.0.113.7");
});
