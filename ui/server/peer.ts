import { peerUser, tellsPeers } from "../../native/posix/peer.ts";

/** One end of a TCP connection. */
export interface End {
  address: string;
  port: number;
}

/**
 * Whether a connection from this machine comes from user `uid` or from root. Doubt means no,
 * but where the system never tells it is yes.
 */
export function isOwnPeer(uid: number, peer: End, port: number): boolean {
  if (!tellsPeers) return true;
  const user = peerUser(peer.address, peer.port, port);
  return user === uid || user === 0;
}
