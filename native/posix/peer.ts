import { peerUser } from "../linux/peer.ts";

/** Whether this system tells which user the other end of a connection belongs to. macOS doesn't. */
export const tellsPeers = process.platform === "linux";

export { peerUser };
