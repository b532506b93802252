import { data, terms } from "./data.js";

/** The records that a session had and those that came back, side by side. */
export function compare(moment) {
  const list = data.accounts[moment.account];
  const { owed, issued, frontOwed, frontIssued, recovered } = moment;
  const rows = [];
  const isIt = (place, id) => place < list.length && list[place][0] === id;
  const promise = (place) =>
    place >= issued
      ? `not ${terms.called} yet`
      : list[place][2]
      ? `it failed: may be missing`
      : place < frontOwed
      ? "forgotten"
      : place >= owed
      ? "in flight: may be missing"
      : list[place][1]
      ? "owed: shown by an earlier open"
      : "owed";
  if (recovered === null) {
    const after = data.states[moment.state]?.after ?? -1;
    for (let place = frontOwed; place < issued; place++) {
      const mayMiss = place >= owed || list[place][2] === 1;
      const effect = after < 0 ? undefined : place < after ? "done" : mayMiss ? "undone" : "lost";
      rows.push({ place, promise: promise(place), want: list[place][0], effect });
    }
    return rows;
  }
  const found = list.findIndex(([id]) => id === recovered[0]);
  let place = Math.min(Math.max(found, frontOwed), frontIssued);
  for (let i = Math.min(frontOwed, place); i < place; i++) {
    rows.push({ place: i, promise: "may be forgotten", want: list[i][0], got: null, ok: true });
  }
  for (const id of recovered) {
    while (place < issued && list[place][2] && !isIt(place, id)) {
      rows.push({ place, promise: promise(place), want: list[place][0], got: null, ok: true });
      place++;
    }
    const inside = place < issued;
    // After a hole, what comes is another record: show the hole, and go on behind it.
    const later = list.findIndex((one, at) => at > place && at < issued && one[0] === id);
    if (inside && !isIt(place, id) && later > place) {
      for (; place < later; place++) {
        rows.push({ place, promise: promise(place), want: list[place][0], got: null, ok: false });
      }
    }
    const ok = inside && isIt(place, id);
    rows.push({
      place,
      promise: inside ? promise(place) : "nothing belongs here",
      want: inside ? list[place][0] : undefined,
      got: id,
      ok,
    });
    place++;
  }
  for (; place < issued; place++) {
    const ok = place >= owed || list[place][2] === 1;
    rows.push({ place, promise: promise(place), want: list[place][0], got: null, ok });
  }
  return rows;
}
