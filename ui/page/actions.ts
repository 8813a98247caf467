/** What a person can do to ports. The functions stay the same, so that no row is rendered again for them. */
export interface Actions {
  select: (port: number | undefined, byKeyboard?: boolean) => void;
  copy: (port: number) => void;
  stop: (ports: readonly number[]) => void;
  release: (ports: readonly number[]) => void;
  mark: (port: number) => void;
}
