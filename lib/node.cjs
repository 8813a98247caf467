// What every runtime but Bun loads for `portclaim`: most dev servers read their config with Node.js.
// The names that a module may import must exist, or its import would fail before this error is thrown.
exports.acquire = undefined;
exports.release = undefined;
exports.list = undefined;
exports.RegistryError = undefined;
throw new Error(
  "the portclaim library needs Bun; elsewhere, run its command line, for example " +
    'execFileSync("portclaim", ["acquire", "--service", "web"])',
);
