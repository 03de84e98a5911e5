import fc from "fast-check";

// Each run of `npm test` tries the same cases, so that what fails was broken by the change at hand. `npm run test:long` tries
// others each time, and more of them.
if (process.env["LONG"] !== "1") fc.configureGlobal({ seed: 20_260_504 });
