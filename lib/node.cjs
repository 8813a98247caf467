// What everything but Bun gets for `portclaim`: most dev servers read their config with Node.
// Names that an import may ask for must exist, or it would fail before it could say why.
exports.acquire = undefined;
exports.release = undefined;
exports.list = undefined;
exports.RegistryError = undefined;
throw new Error(
  'Cannot import "portclaim" here: it asks the system through bun:ffi, which needs Bun, ' +
    "while its command line works from anywhere, as in " +
    'execFileSync("portclaim", ["acquire", "--service", "web"])',
);
