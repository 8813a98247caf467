const link = ".service a";

const rowLinks = () => [...document.querySelectorAll<HTMLElement>(`.row ${link}`)];

const portOf = (element: Element | null | undefined) => Number(element?.id.slice(5)) || undefined;

/** The port of the row that has the focus. */
export const focusedPort = () => portOf(document.activeElement?.closest(".row"));

/** Moves the focus to a port's row; returns whether there is one. */
export function focusRow(port: number | undefined): boolean {
  const found = document.querySelector<HTMLElement>(`#port-${port} ${link}`);
  found?.focus();
  found?.closest(".row")?.scrollIntoView({ block: "nearest" });
  return found !== null;
}

/** The port `step` rows after another; the first port if there is no other. */
export function portAfter(port: number | undefined, step: number): number | undefined {
  const ports = rowLinks().map((element) => portOf(element.closest(".row")));
  const at = ports.indexOf(port);
  return at === -1 ? ports[0] : ports[at + step];
}
