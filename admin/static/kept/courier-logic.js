// What a run shows with the ticks that are still on the phone laid over it. Nothing here touches the
// page, the network or the clock.

const BECOMES = { done: "done", failed: "failed", undo: "todo" };

/** The stops of a run as they stand after `entries`; `offset`: by how many ms the server's clock is ahead. */
export function laidOver(run, entries, offset) {
  const last = new Map(entries.filter((one) => one.run_id === run.id).map((one) => [one.stop_id, one]));
  return run.stops.map((stop) => {
    const entry = last.get(stop.id);
    if (!entry) return stop;
    const at = new Date(Date.parse(entry.at) + offset).toISOString();
    return { ...stop, state: BECOMES[entry.outcome], reason: entry.reason, at, waiting: true };
  });
}

export function countsOf(stops) {
  const of = { todo: 0, done: 0, failed: 0, gone: 0 };
  for (const { state } of stops) of[state] += 1;
  return { ...of, bags: stops.length - of.gone };
}

/** The one that is to be opened: the first that is still to do. */
export const nextOf = (stops) => stops.find((stop) => stop.state === "todo")?.id ?? null;
