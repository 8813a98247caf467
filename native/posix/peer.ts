import { peerUser } from "../linux/peer.ts";

/** Whether the system can report which user owns the other end of a connection. macOS can't. */
export const tellsPeers = process.platform === "linux";

export { peerUser };
