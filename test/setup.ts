import { setDefaultTimeout } from "bun:test";

// Tests spawn real processes: the default of 5 s is too short on a busy machine.
setDefaultTimeout(60_000);
