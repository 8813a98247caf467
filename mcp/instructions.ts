/** What a model reads of the server as a whole, before it looks at any tool. */
export const INSTRUCTIONS = [
  "Several agents, terminals and people share this machine's TCP ports; portclaim keeps them from colliding.",
  "Before you start anything that listens on a port, call portclaim_acquire and start it on the port that you get:",
  "never pick one yourself, and never free one by killing what you didn't start.",
  "To reach a service that may run already, call portclaim_find.",
  "When you have stopped a service for good, call portclaim_release.",
  "These tools only keep the books: none of them starts, stops or kills a process.",
].join(" ");
