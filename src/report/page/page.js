// The page of a finding. All that it knows is in the element "data"; see page_model.ts.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { unit } = data;
  const byId = (id) => document.getElementById(id);

  /** What can become of a cell: the word, and what it means. */
  const STATES = {
    synced: ["synced", "a barrier has forced it: it survives every crash"],
    kept: ["kept", "written, not forced, and survived"],
    lost: ["lost", "written, not forced, and gone: an older version is there"],
    torn: ["torn", "only a part of the write is there"],
    garbage: ["garbage", "space was taken, the bytes never came: old bytes show"],
    damaged: ["damaged", "was durable, and the media spoilt it"],
    risk: ["at risk", "written, not forced: a crash may keep or lose it"],
    before: ["before", "there since before this life, or never written"],
  };
  const VERDICTS = {
    "holds": "Holds",
    "violates": "Violates",
    "not searched": "Not searched",
    "none": "No crash",
  };

  const now = { life: data.start.life, point: data.start.point };
  let life = data.lives[now.life];
  let files = [];

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /** A chip with the word of a state; its pattern and its colour come from the style sheet. */
  function chip(state, word = STATES[state][0]) {
    return element("span", `chip ${state}`, word);
  }

  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

  /** "op 3", "ops 3 and 5", "ops 3 to 9": what is left out in between does not matter here. */
  function opsInWords(ops) {
    const some = [...new Set(ops)].filter((op) => op > 0);
    if (some.length === 0) return "";
    if (some.length === 1) return `op ${some[0]}`;
    const link = some.length === 2 ? "and" : "to";
    return `ops ${some[0]} ${link} ${some[some.length - 1]}`;
  }

  /** "sector 3", "sectors 0 to 3, 7". */
  function placesInWords(places) {
    const sorted = [...places].sort((a, b) => a - b);
    const ranges = [];
    for (let i = 0; i < sorted.length;) {
      let j = i;
      while (sorted[j + 1] === sorted[j] + 1) j++;
      ranges.push(i === j ? `${sorted[i]}` : `${sorted[i]} to ${sorted[j]}`);
      i = j + 1;
    }
    return `${unit.name}${sorted.length === 1 ? "" : "s"} ${ranges.join(", ")}`;
  }

  /** Of each crash point, the files as they are there: the data only tell what changes. */
  function filesByPoint({ moments }) {
    const known = new Map();
    return moments.map((moment) => {
      for (const [file, size, named, layout] of moment?.files ?? []) {
        known.set(file, { file, size, named: named === 1, layout });
      }
      return new Map(known);
    });
  }

  function newestAt(cell, point) {
    let version = cell.made.length - 1;
    while (cell.made[version] > point) version--;
    return version;
  }

  function oldestAt(cell, point) {
    let version = 0;
    while (cell.until[version] !== null && cell.until[version] < point) version++;
    return version;
  }

  /** What is known about the cells at the present crash point. */
  function statesNow() {
    const moment = life.moments[now.point];
    const kept = new Map(moment?.kept ?? []);
    const damage = moment?.damage ?? [];
    const damageTo = ({ file, place, span }) =>
      damage.find((one) => one[0] === file && one[1] >= place && one[1] < place + span)?.[2];
    const isCrash = moment?.verdict === "violates";
    return life.cells.map((cell, index) => {
      const newest = newestAt(cell, now.point);
      const oldest = oldestAt(cell, now.point);
      const decided = kept.get(index);
      const version = oldest === newest ? newest : decided ?? -1;
      const base = { cell, newest, oldest, version };
      const words = cell.kind === "sector" ? damageTo(cell) : undefined;
      if (words !== undefined) return { ...base, state: "damaged", words };
      if (version === -1) {
        return { ...base, state: "risk", word: isCrash ? "not read" : undefined };
      }
      const flavour = cell.flavour[version];
      if (oldest === newest) {
        const state = cell.made[version] === 0 ? "before" : { G: "garbage", F: "lost" }[flavour];
        return { ...base, state: state ?? "synced" };
      }
      const state = { G: "garbage", T: "torn", F: "lost" }[flavour];
      return { ...base, state: state ?? (version === newest ? "kept" : "lost") };
    });
  }

  /** What a cell holds, in a few words. */
  function holds({ cell, state, version, newest, oldest, words }) {
    if (state === "damaged") return words;
    const left = (v) => cell.made[v] > 0 ? `as op ${cell.made[v]} left it` : "as before this life";
    const gone = opsInWords(cell.made.slice(Math.max(version, 0) + 1, newest + 1));
    switch (state) {
      case "synced":
      case "kept":
        return left(version);
      case "risk":
        return `${opsInWords(cell.made.slice(oldest + 1, newest + 1))} not forced`;
      case "garbage":
        return `taken by op ${cell.made[version]}, not written: reads as 0xDB`;
      case "torn":
        return `op ${cell.made[version]} half-way`;
      case "lost": {
        if (cell.flavour[version] === "F") return `op ${cell.made[version]} could not write it`;
        if (version > 0 && cell.made[version] > 0) return `${left(version)}; ${gone} lost`;
        const what = cell.kind === "sector" && now.life === 0 ? "reads as zeros" : left(0);
        return `${what}; ${gone} lost`;
      }
      default:
        return "";
    }
  }

  // ---- the timeline -------------------------------------------------------------------------

  let opRows = [];
  let crashRow;
  let groupEnds = [];
  let touchedBy = [];

  function row(kind, cells) {
    const tr = element("tr", kind);
    tr.setAttribute("role", "row");
    for (const [className, content] of cells) {
      const td = element("td", className);
      td.setAttribute("role", "cell");
      if (typeof content === "string") td.textContent = content;
      else if (content) td.append(content);
      tr.append(td);
    }
    return tr;
  }

  /** Names of files that are all zeros but for their end need not be read to the end. */
  const brief = (words) => words.replace(/0{9,}/g, "0…0");

  function opWords(op, k) {
    const part = document.createDocumentFragment();
    const words = element("span", "", ` ${brief(op.words)}`);
    words.title = op.words;
    part.append(element("span", "number", `${k}`), words);
    return part;
  }

  function buildTimeline() {
    const rows = byId("rows");
    rows.textContent = "";
    opRows = [undefined];
    groupEnds = [];
    const all = document.createDocumentFragment();
    const started = element("tr", "event start");
    started.setAttribute("role", "row");
    const td = element(
      "td",
      "app",
      now.life === 0 ? "Power on: the directory is empty" : "Power on",
    );
    td.colSpan = 3;
    td.setAttribute("role", "cell");
    started.append(td);
    all.append(started);
    let last = started;
    let event = 0;
    for (let k = 0; k <= life.ops.length; k++) {
      if (k > 0) {
        const op = life.ops[k - 1];
        const forced = op.isBarrier || op.forced
          ? op.forced ? `makes durable: ${op.forced}` : "nothing was left to force"
          : "";
        last = row(op.isBarrier ? "op barrier" : "op", [["app", ""], ["cache", opWords(op, k)], [
          "media",
          "",
        ]]);
        const fate = element("div", "fate");
        last.lastChild.append(fate);
        if (op.isBarrier) fate.append(element("span", "forced", brief(forced)));
        last.dataset.point = k;
        opRows[k] = last;
        all.append(last);
      }
      for (; event < life.events.length && life.events[event].at === k; event++) {
        const { words, kind, isIdle } = life.events[event];
        const idle = isIdle ? element("span", "idle", "no op on the disk") : "";
        last = row(`event ${kind}`, [["app", words], ["cache", idle], ["media", ""]]);
        last.dataset.point = k;
        all.append(last);
      }
      groupEnds[k] = last;
    }
    crashRow = element("tr", "crash");
    crashRow.setAttribute("role", "row");
    const line = element("td");
    line.colSpan = 3;
    line.setAttribute("role", "cell");
    crashRow.append(line);
    rows.append(all);
    touchedBy = life.ops.map(() => []);
    life.cells.forEach((cell, index) => {
      cell.made.forEach((made, version) => {
        if (made === 0 || version === 0) return;
        const list = touchedBy[made - 1];
        if (list === undefined) return;
        const same = list.find((one) => one.index === index);
        if (same) same.last = version;
        else list.push({ index, first: version, last: version });
      });
    });
  }

  /** What became of one version of a cell. */
  function fateOf({ first, last }, { cell, oldest, version, state }) {
    if (state === "damaged") return "damaged";
    if (last <= oldest) return cell.flavour[last] === "F" ? "lost" : "synced";
    if (version === -1) return "risk";
    if (version >= last) return cell.flavour[version] === "F" ? "lost" : "kept";
    if (version < first) return "lost";
    return cell.flavour[version] === "G" ? "garbage" : "torn";
  }

  /** How many cells a sector has: more than one where it may tear. */
  const perSector = unit.sectorBytes / unit.bytes;
  const sectorOf = ({ place }) => Math.floor(place / perSector);
  const sectorsOf = (states) =>
    new Set(states.filter(({ cell }) => cell.kind === "sector").map(({ cell }) => sectorOf(cell)));

  /** Cells in words; of a sector that is also in `others`, they are a part. */
  function wordsOfCells(states, others = new Set()) {
    const sectors = [...sectorsOf(states)];
    const parts = sectors.filter((sector) => others.has(sector));
    const wholes = sectors.filter((sector) => !others.has(sector));
    return [
      ...(wholes.length > 0 ? [placesInWords(wholes)] : []),
      ...(parts.length > 0 ? [`a part of ${placesInWords(parts)}`] : []),
      ...(states.some(({ cell }) => cell.kind === "size") ? ["size"] : []),
      ...states.filter(({ cell }) => cell.kind === "name").map(({ cell }) =>
        `name "${cell.place}"`
      ),
    ].join(", ");
  }

  let drawnFates = [];

  function drawTimeline(states) {
    const last = now.point;
    const isCrash = life.crash !== null;
    for (let k = 1; k < opRows.length; k++) {
      const tr = opRows[k];
      if (life.ops[k - 1].isBarrier) continue;
      let text = "";
      let words = new Map();
      const groups = new Map();
      if (k <= last) {
        for (const touch of touchedBy[k - 1]) {
          const state = fateOf(touch, states[touch.index]);
          groups.set(state, [...groups.get(state) ?? [], states[touch.index]]);
        }
        words = new Map([...groups].map(([state, cells]) => {
          const others = [...groups].flatMap(([other, cells]) => other === state ? [] : cells);
          return [state, wordsOfCells(cells, sectorsOf(others))];
        }));
        text = [...words].flat().join(" ");
      }
      if (drawnFates[k] === text) continue;
      drawnFates[k] = text;
      const fate = tr.querySelector(".fate");
      fate.textContent = "";
      for (const [state, cells] of words) {
        const part = element("span", "part");
        part.append(chip(state), ` ${brief(cells)}`);
        fate.append(part);
      }
    }
    const verdict = life.moments[last]?.verdict ?? "not searched";
    crashRow.className = `crash ${verdict.replace(" ", "-")}`;
    const after = last === 0 ? "before the first op" : `after op ${last}`;
    const mine = last === life.crash ? " (the crash of the finding)" : "";
    crashRow.firstChild.textContent = isCrash
      ? `The power goes ${after}${mine}`
      : last === life.ops.length
      ? "Here the recovery is judged"
      : `You are here, ${after}`;
    groupEnds[last].after(crashRow);
  }

  function markFuture(from, to) {
    const [low, high] = from < to ? [from, to] : [to, from];
    for (const tr of byId("rows").children) {
      const point = Number(tr.dataset.point ?? -1);
      if (from === undefined || (point > low && point <= high)) {
        tr.classList.toggle("future", point > now.point);
      }
    }
  }

  function showCrashRow() {
    const box = byId("scroll");
    const top = crashRow.offsetTop;
    const margin = 90;
    if (top < box.scrollTop + margin) box.scrollTop = top - margin;
    else if (top > box.scrollTop + box.clientHeight - margin) {
      box.scrollTop = top - box.clientHeight + margin;
    }
  }

  // ---- the map ------------------------------------------------------------------------------

  function drawLegend(used) {
    const legend = byId("legend");
    const key = [...used].sort().join();
    if (legend.dataset.key === key) return;
    legend.dataset.key = key;
    legend.textContent = "";
    for (const [state, [word, meaning]] of Object.entries(STATES)) {
      const item = element("li", used.has(state) ? "" : "unused");
      item.append(chip(state, word), ` ${meaning}`);
      legend.append(item);
    }
  }

  /** The pieces of a layout that lie in a range, drawn to scale. */
  function pieceBar(layout, from, to) {
    const bar = element("div", "pieces");
    for (const [offset, length, label, ok] of data.layouts[layout] ?? []) {
      const start = Math.max(offset, from);
      const end = Math.min(offset + length, to);
      if (start >= end) continue;
      const share = (end - start) / (to - from);
      const words = data.labels[label];
      // Where there is no room for the words, a number is better than their first letters.
      const shown = share > 0.28 ? words : share > 0.07 ? /^\w+ (\d+)/.exec(words)?.[1] ?? "" : "";
      const piece = element("span", ok ? "piece" : "piece bad", shown);
      piece.style.left = `${(start - from) / (to - from) * 100}%`;
      piece.style.width = `${share * 100}%`;
      piece.title = `${offset} to ${offset + length}: ${data.labels[label]}`;
      if (offset < from) piece.classList.add("goes-back");
      if (offset + length > to) piece.classList.add("goes-on");
      bar.append(piece);
    }
    return bar;
  }

  /** Boxes of the step before: most sectors look the same in the next one. */
  let boxes = new Map();
  let oldBoxes = new Map();

  function sectorBox(one, range) {
    const { start, end, layout } = range;
    const pieces = (data.layouts[layout] ?? []).filter(([offset, length]) =>
      offset < end && offset + length > start
    );
    const key = JSON.stringify([
      one.file,
      one.sector,
      one.state,
      one.word,
      one.notes,
      start,
      end,
      pieces,
    ]);
    const box = oldBoxes.get(key) ?? newSectorBox(one, range);
    boxes.set(key, box);
    return box;
  }

  function newSectorBox(one, { start, end, layout }) {
    const box = element("li", `sector ${one.state}`);
    const head = element("div", "sector-head");
    head.append(
      element("span", "place", `${unit.name} ${one.sector}`),
      chip(one.state, one.word),
    );
    box.append(head, ...one.notes.map((note) => element("div", "holds", note)));
    if (end > start) {
      if (end - start < unit.sectorBytes) {
        box.append(element("div", "used", `bytes ${start} to ${end}; the rest is empty`));
      }
      if (layout >= 0) box.append(pieceBar(layout, start, end));
    }
    return box;
  }

  /** A sector may have parts, of which each has its own fate: then it is torn. */
  function together(parts) {
    const [first] = parts;
    const sorted = [...parts].sort((a, b) => a.cell.place - b.cell.place);
    const runs = [];
    for (const one of sorted) {
      const last = runs[runs.length - 1];
      const from = one.cell.place * unit.bytes;
      const to = (one.cell.place + one.cell.span) * unit.bytes;
      const same = last !== undefined && last.to === from && last.words === holds(one) &&
        last.state === one.state;
      if (same) last.to = to;
      else runs.push({ from, to, words: holds(one), state: one.state });
    }
    const isOne = parts.every(({ state }) => state === first.state);
    if (runs.length === 1) return { state: first.state, word: first.word, notes: [holds(first)] };
    const shown = runs.slice(0, PARTS_MAX).map(({ from, to, state, words }) =>
      `bytes ${from} to ${to}: ${isOne ? "" : `${STATES[state][0]}, `}${words}`
    );
    if (runs.length > PARTS_MAX) shown.push(`and ${runs.length - PARTS_MAX} parts more`);
    // What no barrier has forced is whole in the page cache, and may tear only in a crash.
    const isTorn = parts.some(({ state }) => state === "lost" || state === "garbage") &&
      parts.some(({ state }) => state !== "lost" && state !== "garbage");
    const state = isOne
      ? first.state
      : isTorn
      ? "torn"
      : ["damaged", "garbage", "lost", "torn", "risk", "kept", "synced"].find((state) =>
        parts.some((one) => one.state === state)
      ) ?? first.state;
    return { state, word: first.state === state ? first.word : undefined, notes: shown };
  }

  const PARTS_MAX = 4;

  function gapBox(from, to, words) {
    const places = Array.from({ length: Math.min(to - from, 2) }, (_, i) => from + i);
    const name = to - from > 2 ? `${unit.name}s ${from} to ${to - 1}` : placesInWords(places);
    const box = element("li", "sector gap");
    box.append(element("div", "place", name), element("div", "holds", words));
    return box;
  }

  function factLine(one, text) {
    const line = element("div", "fact");
    line.append(chip(one.state, one.word), ` ${text}`);
    return line;
  }

  function sizeLine(one) {
    const { cell, state, version, newest, oldest } = one;
    const bytes = (v) => plural(cell.values[v], "byte");
    if (state === "risk") {
      return factLine(one, `size: ${bytes(newest)}, or only ${bytes(oldest)} after a crash`);
    }
    const was = version === newest ? "" : `, was ${bytes(newest)}`;
    const how = holds(one);
    return factLine(one, `size: ${bytes(version)}${was}${how ? ` (${how})` : ""}`);
  }

  function nameLine(one, target) {
    const { cell, state, version, newest, oldest } = one;
    const bearer = (v) => cell.values[v];
    const said = (v) =>
      bearer(v) === target
        ? "leads here"
        : bearer(v) === -1
        ? "is not there"
        : `leads to ${life.files[bearer(v)].path}`;
    const where = life.files[cell.file].path;
    const name = `name "${cell.place}" in ${where}`;
    if (state === "risk") {
      return factLine(one, `${name}: ${said(newest)}; after a crash it perhaps ${said(oldest)}`);
    }
    const how = holds(one);
    return factLine(one, `${name}: ${said(version)}${how ? ` (${how})` : ""}`);
  }

  /** The files whose layout is unfolded. */
  const openLayouts = new Set();

  function layoutList(layout, file) {
    const pieces = data.layouts[layout] ?? [];
    if (pieces.length === 0) return undefined;
    const bad = pieces.filter((piece) => !piece[3]).length;
    const list = element("details", "layout");
    const count = `${plural(pieces.length, "piece")}${bad > 0 ? `, ${bad} of them bad` : ""}`;
    list.append(element("summary", "", `What the log makes of these bytes: ${count}`));
    const fill = () => {
      const items = element("ol");
      for (const [offset, length, label, ok] of pieces) {
        const item = element("li", ok ? "" : "bad");
        item.append(
          element("span", "range", `${offset} to ${offset + length}`),
          ` ${ok ? "" : "bad: "}${data.labels[label]}`,
        );
        items.append(item);
      }
      list.append(items);
    };
    // A long list is made when somebody wants to see it, and not at every step.
    if (pieces.length <= 6 || openLayouts.has(file)) {
      list.open = true;
      fill();
    }
    list.addEventListener("toggle", () => {
      if (list.open && !list.querySelector("ol")) fill();
      if (list.open) openLayouts.add(file);
      else openLayouts.delete(file);
    });
    return list;
  }

  function fileBlock(known, states) {
    const { file, size, named, layout } = known;
    const block = element("article", "file");
    block.append(element("h3", "", life.files[file].path));
    const facts = element("div", "facts");
    const isCrash = life.moments[now.point]?.verdict === "violates";
    for (const one of states) {
      if (one.cell.kind === "name" && one.newest > 0 && one.cell.values.includes(file)) {
        if (one.cell.made.some((made) => made > 0)) facts.append(nameLine(one, file));
      }
    }
    const sized = states.find(({ cell }) => cell.kind === "size" && cell.file === file);
    if (sized !== undefined && sized.newest > 0) facts.append(sizeLine(sized));
    else facts.append(element("div", "fact", `size: ${plural(size, "byte")}`));
    if (!named) {
      facts.append(
        element("div", "fact warning", "No name leads to this file: recovery cannot find it."),
      );
    }
    block.append(facts);
    const cached = sized === undefined
      ? size
      : sized.newest > 0
      ? sized.cell.values[sized.newest]
      : size;
    const shown = Math.max(size, cached);
    const strip = element("ul", "sectors");
    const mine = Map.groupBy(
      states.filter(({ cell, newest }) =>
        cell.kind === "sector" && cell.file === file && newest > 0
      ),
      ({ cell }) => sectorOf(cell),
    );
    const rest = now.life === 0 ? "never written" : "as before this life, or never written";
    let next = 0;
    for (const [sector, parts] of [...mine].sort((a, b) => a[0] - b[0])) {
      const start = sector * unit.sectorBytes;
      if (start >= shown) continue;
      if (sector > next) strip.append(gapBox(next, sector, rest));
      const isCut = isCrash && start >= size;
      const cut = {
        state: "lost",
        notes: [`behind the end: only ${plural(size, "byte")} survived`],
      };
      strip.append(sectorBox(
        { file, sector, ...(isCut ? cut : together(parts)) },
        { start, end: Math.min(start + unit.sectorBytes, isCut ? start : size), layout },
      ));
      next = sector + 1;
    }
    const sectors = Math.ceil(shown / unit.sectorBytes);
    if (sectors > next) strip.append(gapBox(next, sectors, rest));
    if (strip.firstChild) block.append(strip);
    else block.append(element("p", "empty", "The file is empty."));
    const list = layoutList(layout, file);
    if (list) block.append(list);
    return block;
  }

  let isQuietOpen = false;

  function drawMap(states) {
    const moment = life.moments[now.point];
    const map = byId("map");
    const blocks = document.createDocumentFragment();
    [oldBoxes, boxes] = [boxes, new Map()];
    const known = files[now.point] ?? new Map();
    const shown = [...known.values()].filter(({ file }) => life.files[file].kind === "file");
    const isCrash = moment?.verdict === "violates";
    const calm = isCrash ? ["synced", "before", "risk"] : ["synced", "before"];
    const isQuiet = ({ file, named }) =>
      named && states.every(({ cell, state }) =>
        calm.includes(state) ||
        (cell.kind === "name" ? !cell.values.includes(file) : cell.file !== file)
      );
    // Where there are many files, those with which nothing can happen any more are folded away.
    const quiet = shown.length > 2 ? shown.filter(isQuiet) : [];
    for (const one of shown) if (!quiet.includes(one)) blocks.append(fileBlock(one, states));
    if (quiet.length > 0) {
      const rest = element("details", "quiet");
      rest.append(
        element(
          "summary",
          "",
          `${plural(quiet.length, "file")} more, of which nothing ${
            isCrash ? "was lost" : "is at risk"
          }`,
        ),
      );
      const fill = () => rest.append(...quiet.map((one) => fileBlock(one, states)));
      rest.open = isQuietOpen;
      if (isQuietOpen) fill();
      rest.addEventListener("toggle", () => {
        isQuietOpen = rest.open;
        if (rest.open && rest.children.length === 1) fill();
      });
      blocks.append(rest);
    }
    for (const [directory, { path, kind }] of life.files.entries()) {
      if (kind !== "directory") continue;
      const names = states.filter(({ cell, newest }) =>
        cell.kind === "name" && cell.file === directory && newest > 0 &&
        cell.made.some((made) => made > 0) &&
        !cell.values.some((bearer) => bearer >= 0 && life.files[bearer].kind === "file")
      );
      if (names.length === 0) continue;
      const block = element("article", "file");
      block.append(element("h3", "", `Names in ${path}`));
      const facts = element("div", "facts");
      for (const one of names) {
        const was = one.cell.values[Math.max(one.version, 0)] === -1 ? "is not there" : "is there";
        const how = holds(one);
        facts.append(
          factLine(
            one,
            one.state === "risk"
              ? `"${one.cell.place}" (${how})`
              : `"${one.cell.place}" ${was} (${how})`,
          ),
        );
      }
      block.append(facts);
      blocks.append(block);
    }
    if (!blocks.firstChild) blocks.append(element("p", "empty", "There is no file yet."));
    map.replaceChildren(blocks);
    const used = new Set([...map.querySelectorAll(".chip")].map((one) => one.classList[1]));
    drawLegend(used);
    byId("map-hint").textContent = moment === null || moment === undefined
      ? "This crash point was not looked at."
      : moment.verdict === "violates"
      ? now.point === life.crash
        ? "One crash that the disk allows here: the one of the finding."
        : "One crash that the disk allows here: the smallest that breaks the promise, of those tried."
      : moment.verdict === "holds"
      ? "Whatever of this a crash keeps or loses, the promise is kept."
      : moment.verdict === "none"
      ? "What a power loss here could take along."
      : "Not every crash was tried here.";
  }

  // ---- the records --------------------------------------------------------------------------

  function recordWords(id) {
    const { bytes, head, note } = data.records[id];
    const shown = head.replace(/../g, "$& ").trim();
    if (bytes === 0) return "0 bytes";
    const more = note ? `, ${note}` : "";
    return `${plural(bytes, "byte")} [${shown}${bytes * 2 > head.length ? " …" : ""}]${more}`;
  }

  /** The records of the log and those that came back, side by side. */
  function compare(moment) {
    const list = data.accounts[moment.account];
    const { owed, issued, frontOwed, frontIssued, recovered } = moment;
    const rows = [];
    const isIt = (place, id) => place < list.length && list[place][0] === id;
    const promise = (place) =>
      place >= issued
        ? "not appended yet"
        : list[place][2]
        ? "its append failed: may be missing"
        : place < frontOwed
        ? "forgotten"
        : place >= owed
        ? "in flight: may be missing"
        : list[place][1]
        ? "owed: shown by an earlier open"
        : "owed";
    if (recovered === null) {
      for (let place = frontOwed; place < issued; place++) {
        rows.push({ place, promise: promise(place), want: list[place][0] });
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

  const NEAR = 3;
  const MOST = 12;

  function drawRecords() {
    const box = byId("records");
    const hint = byId("records-hint");
    const moment = life.moments[now.point];
    const key = JSON.stringify(
      moment &&
        [
          moment.account,
          moment.owed,
          moment.issued,
          moment.frontOwed,
          moment.frontIssued,
          moment.recovered,
          moment.message,
        ],
    );
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    box.textContent = "";
    if (!moment) {
      hint.textContent = "Unknown: this crash point was not looked at.";
      return;
    }
    const rows = compare(moment);
    const { owed, issued, frontOwed } = moment;
    const range = `${plural(Math.max(owed - frontOwed, 0), "record")} owed, ` +
      `${Math.max(issued - frontOwed, 0)} appended`;
    hint.textContent = moment.recovered !== null
      ? `${range}, ${moment.recovered.length} came back. Owed means: its durability was promised, or it was shown.`
      : moment.clause
      ? `${range}, and nothing comes back: ${moment.message}`
      : `${range}. Recovery must give back at least the first, at most the second, in order.`;
    if (rows.length === 0) return;
    const isJudged = moment.recovered !== null;
    const wrong = rows.findIndex((one) => one.ok === false);
    const center = wrong >= 0 ? wrong : rows.length - 1;
    let [from, to] = [0, rows.length];
    if (rows.length > MOST) {
      from = Math.max(0, Math.min(center - NEAR, rows.length - 2 * NEAR - 1));
      to = Math.min(rows.length, from + 2 * NEAR + 1);
    }
    const table = element("table");
    const head = element("tr");
    for (const title of ["", "Appended", "Promise", ...(isJudged ? ["Came back", ""] : [])]) {
      const th = element("th", "", title);
      th.scope = "col";
      head.append(th);
    }
    const thead = element("thead");
    thead.append(head);
    const body = element("tbody");
    const skip = (a, b) => {
      if (a >= b) return;
      const tr = element("tr", "skipped");
      const all = rows.slice(a, b);
      const ok = isJudged && all.every((one) => one.ok) ? ", all as they should be" : "";
      const td = element("td", "", `${plural(b - a, "more record")}${ok}`);
      td.colSpan = isJudged ? 5 : 3;
      tr.append(td);
      body.append(tr);
    };
    skip(0, from);
    rows.slice(from, to).forEach((one, i) => {
      const isFirstWrong = from + i === wrong;
      const tr = element("tr", one.ok === false ? (isFirstWrong ? "wrong first" : "wrong") : "");
      tr.append(element("th", "", `${one.place + 1}`));
      tr.firstChild.scope = "row";
      tr.append(element("td", "bytes", one.want === undefined ? "" : recordWords(one.want)));
      tr.append(element("td", "promise", one.promise));
      if (isJudged) {
        tr.append(element("td", "bytes", one.got === null ? "missing" : recordWords(one.got)));
        const mark = one.ok
          ? (one.got === null ? "may be" : "same")
          : one.got === null
          ? "lost"
          : "wrong";
        tr.append(element("td", "mark", mark));
      }
      body.append(tr);
    });
    skip(to, rows.length);
    table.append(thead, body);
    box.append(table);
  }

  // ---- the controls -------------------------------------------------------------------------

  const slider = byId("slider");

  function drawStrip() {
    const strip = byId("strip");
    strip.textContent = "";
    const points = life.ops.length + 1;
    byId("controls").style.setProperty("--points", points);
    slider.max = `${points - 1}`;
    const verdictAt = (p) => life.moments[p]?.verdict ?? "not searched";
    const counts = {};
    for (let p = 0; p < points;) {
      let q = p;
      const verdict = verdictAt(p);
      while (q + 1 < points && verdictAt(q + 1) === verdict) q++;
      counts[verdict] = (counts[verdict] ?? 0) + q - p + 1;
      const run = element("span", `run ${verdict.replace(" ", "-")}`);
      run.style.flexGrow = `${q - p + 1}`;
      run.title = `${VERDICTS[verdict]}: crash points ${p} to ${q}`;
      if ((q - p + 1) / points > 0.12) run.textContent = VERDICTS[verdict].toLowerCase();
      strip.append(run);
      p = q + 1;
    }
    strip.setAttribute("role", "img");
    strip.setAttribute(
      "aria-label",
      `Verdict at each of ${points} crash points: ` +
        Object.entries(counts).map(([verdict, count]) => `${count} ${verdict}`).join(", "),
    );
    if (life.crash !== null) {
      const mark = element("span", "finding");
      mark.style.left = `${(life.crash + 0.5) / points * 100}%`;
      mark.title = "the crash of the finding";
      strip.append(mark);
    }
  }

  function drawLives() {
    const group = byId("lives");
    group.textContent = "";
    group.hidden = data.lives.length < 2;
    data.lives.forEach((one, index) => {
      const button = element("button", "", one.name);
      button.type = "button";
      button.setAttribute("aria-pressed", `${index === now.life}`);
      button.addEventListener("click", () => goTo(index, one.crash ?? one.ops.length));
      group.append(button);
    });
  }

  const firstError = () => life.moments.findIndex((moment) => moment?.verdict === "violates");

  function drawNow() {
    const moment = life.moments[now.point];
    const verdict = moment?.verdict ?? "not searched";
    const count = life.ops.length;
    const box = byId("now");
    box.className = `now ${verdict.replace(" ", "-")}`;
    byId("verdict").textContent = life.crash === null ? `${life.name}.` : `${VERDICTS[verdict]}`;
    const op = now.point === 0 ? "before the first op" : `after op ${now.point}`;
    const words = now.point === 0 ? "" : `: ${life.ops[now.point - 1].words}`;
    byId("step").textContent = life.crash === null
      ? `${op} of ${count}${words}.`
      : `if the power goes ${op} of ${count}${words}.`;
    byId("meaning").textContent = moment?.clause
      ? `${moment.clause[0].toUpperCase()}${moment.clause.slice(1)}. ${moment.message}`
      : verdict === "holds"
      ? `All crash states here keep the promise (${
        moment.recoveries === 1 ? "1 recovery" : `${moment.recoveries} recoveries`
      }).`
      : verdict === "not searched"
      ? "No crash that breaks the promise was found, but not all were tried."
      : "";
    slider.value = `${now.point}`;
    slider.setAttribute("aria-valuetext", `${op} of ${count}: ${verdict}`);
    // Not "disabled": whoever has just pressed a button must not lose their place.
    const disable = (id, is) => byId(id).setAttribute("aria-disabled", `${is}`);
    for (const id of ["back", "first"]) disable(id, now.point === 0);
    for (const id of ["forward", "last"]) disable(id, now.point === count);
    disable("error", firstError() < 0);
  }

  let shownPoint;

  function draw() {
    const states = statesNow();
    drawNow();
    drawTimeline(states);
    markFuture(shownPoint, now.point);
    shownPoint = now.point;
    drawMap(states);
    drawRecords();
    showCrashRow();
  }

  function goTo(index, point) {
    if (index !== now.life) {
      now.life = index;
      now.point = point;
      begin();
      byId("lives").children[index].focus();
      return;
    }
    const to = Math.min(Math.max(point, 0), life.ops.length);
    if (to === now.point) return;
    now.point = to;
    draw();
  }

  function begin() {
    life = data.lives[now.life];
    files = filesByPoint(life);
    boxes.clear();
    openLayouts.clear();
    shownPoint = undefined;
    drawnFates = [];
    drawLives();
    drawStrip();
    buildTimeline();
    draw();
  }

  const step = (by) => goTo(now.life, now.point + by);
  const jumpToError = () => {
    const point = firstError();
    if (point >= 0) goTo(now.life, point);
  };
  const jumpToCrash = () => goTo(data.start.life, data.start.point);
  const showKeys = () => byId("keys").showModal();
  const otherLife = (by) => {
    const other = data.lives[now.life + by];
    if (other) goTo(now.life + by, other.crash ?? other.ops.length);
  };

  const KEYS = {
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    Home: () => goTo(now.life, 0),
    End: () => goTo(now.life, life.ops.length),
    e: jumpToError,
    c: jumpToCrash,
    "[": () => otherLife(-1),
    "]": () => otherLife(1),
    "?": showKeys,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || byId("keys").open) return;
    const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : undefined;
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
  slider.addEventListener("input", () => goTo(now.life, Number(slider.value)));
  byId("rows").addEventListener("click", (event) => {
    const point = event.target.closest("tr")?.dataset.point;
    if (point !== undefined && String(getSelection()) === "") goTo(now.life, Number(point));
  });
  byId("strip").addEventListener("click", (event) => {
    const { left, width } = byId("strip").getBoundingClientRect();
    goTo(now.life, Math.floor((event.clientX - left) / width * (life.ops.length + 1)));
  });
  const BUTTONS = {
    first: KEYS.Home,
    back: KEYS.ArrowLeft,
    forward: KEYS.ArrowRight,
    last: KEYS.End,
    error: jumpToError,
    crash: jumpToCrash,
    help: showKeys,
  };
  for (const [id, act] of Object.entries(BUTTONS)) byId(id).addEventListener("click", act);

  const show = () => {
    for (const id of ["controls", "timeline", "right"]) byId(id).hidden = false;
    begin();
    performance.mark("ready");
  };
  // The words above and the proof are painted before the pictures are drawn.
  requestAnimationFrame(() => setTimeout(show));
})();
