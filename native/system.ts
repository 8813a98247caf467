/** Whether this is macOS; everything else counts as Linux. Nothing else in native/ asks. */
export const isDarwin = process.platform === "darwin";
