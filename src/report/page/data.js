// What the page knows: all of it is in the element "data"; see page_model.ts. The modules of this folder
// are joined into one script, in the order that html.ts names.
export const data = JSON.parse(document.getElementById("data").textContent);
export const { unit, terms } = data;
export const byId = (id) => document.getElementById(id);

/** What can become of a cell: the word, what it means in short, and what it means. */
export const STATES = {
  synced: ["synced", "forced", "a barrier has forced it: it survives every crash"],
  kept: ["kept", "survived", "written, not forced, and survived"],
  lost: ["lost", "an older version", "written, not forced, and gone: an older version is there"],
  torn: ["torn", "in part", "only a part of the write is there"],
  garbage: ["garbage", "old bytes", "space was taken, the bytes never came: old bytes show"],
  damaged: ["damaged", "spoilt", "was durable, and the media spoilt it"],
  risk: ["at risk", "not forced", "written, not forced: a crash may keep or lose it"],
  before: [
    "before",
    "from an earlier life",
    "an earlier life has written it, and it is still there",
  ],
};
export const VERDICTS = {
  "holds": "Holds",
  "violates": "Violates",
  "not searched": "Not searched",
  "none": "No crash",
};

/** What is looked at: a life, its number, a crash point of it, and the files at each of them. */
export const view = {
  index: data.start.life,
  point: data.start.point,
  life: data.lives[data.start.life],
  files: [],
};

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** A chip with the word of a state; its pattern and its colour come from the style sheet. */
export function chip(state, word = STATES[state][0]) {
  return element("span", `chip ${state}`, word);
}

export const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

/** "op 3", "ops 3 and 5", "ops 3 to 9": what is left out in between does not matter here. */
export function opsInWords(ops) {
  const some = [...new Set(ops)].filter((op) => op > 0);
  if (some.length === 0) return "";
  if (some.length === 1) return `op ${some[0]}`;
  const link = some.length === 2 ? "and" : "to";
  return `ops ${some[0]} ${link} ${some[some.length - 1]}`;
}

/** "sector 3", "sectors 0 to 3, 7". */
export function placesInWords(places) {
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

/** Names of files that are all zeros but for their end need not be read to the end. */
export const brief = (words) => words.replace(/0{9,}/g, "0…0");

/** Of each crash point, the files as they are there: the data only tell what changes. */
export function filesByPoint({ moments }) {
  const known = new Map();
  return moments.map((moment) => {
    for (const [file, size, named, layout] of moment?.files ?? []) {
      known.set(file, { file, size, named, layout });
    }
    return new Map(known);
  });
}
