import { peerUser } from "../linux/peer.ts";
import { isDarwin } from "../system.ts";

/** Whether this system tells which user the other end of a connection belongs to. macOS doesn't. */
export const tellsPeers = !isDarwin;

export { peerUser };
