import { config } from "zod/v4/core";

// zod would compile a parser for each of the SDK's schemas. A server parses too few messages for that to pay off: it
// would only take 0.5 MB of memory, and a tenth of the time to the first response.
config({ jitless: true });
