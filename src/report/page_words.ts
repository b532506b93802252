import type { Clause, Terms } from "../check/oracle.ts";
import { visible } from "./visible.ts";

/** Why each clause matters, of logs; of those that are said of stores too, SUBJECT is either. */
const WHY: Readonly<Record<Clause, string>> = {
  "acked record lost":
    "The log had said that this record is safe. Whoever heard that has gone on, and the record is gone.",
  "shown record lost":
    "An earlier open had shown this record, so somebody may have acted on it. After the next power loss it is gone.",
  "hole":
    "A later record survived and an earlier one did not. A log that leaves one out tells another story than what happened.",
  "wrong record":
    "The log hands over other bytes than were appended there, as if they were the record.",
  "acked command lost":
    "The store had said that this command is safe. Whoever heard that has gone on, and its effect is gone.",
  "wrong state":
    "The store is in a state that it never had: part of a command is there, and part of it is not.",
  "back from the dead":
    "The log hands over a record that does not belong there: it was not appended in this life, or had been discarded.",
  "forgotten record back":
    "The log had promised to forget these records, and then shows them again.",
  "open failed":
    "The SUBJECT does not open after the power loss, so everything that it had promised to keep is out of reach.",
  "records failed":
    "The SUBJECT opens, but cannot be read, so everything that it had promised to keep is out of reach.",
};

/** What a store does that comes under a clause of logs. */
const WHY_OF_STORES: Partial<Readonly<Record<Clause, string>>> = {
  "back from the dead":
    "The store has carried out a command that nobody had asked it for: it was discarded, or comes from nowhere.",
};

/** A broken promise. */
interface Broken {
  readonly clause: Clause;
  readonly message: string;
}

/** Why a clause matters, in a sentence for whoever meets it for the first time. */
export function whyOf(clause: Clause, { subject }: Terms): string {
  const why = (subject === "store" ? WHY_OF_STORES[clause] : undefined) ?? WHY[clause];
  return why.replace("SUBJECT", subject);
}

/** What is broken, in one sentence. */
export function sentenceOf({ clause, message }: Broken, { subject, content }: Terms): string {
  const [what] = message.split(/ \((?=\d+ (?:record|command)s? owed)/);
  const sentence = visible(
    clause === "open failed"
      ? `The ${subject} cannot be opened any more: ${what}`
      : clause === "records failed"
      ? `The ${content} cannot be read any more: ${what}`
      : what!,
  );
  return /[.!?…\])]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** The last step of the story: what the log or the store does when it is opened. */
export function endOf(broken: Broken, terms: Terms): string {
  const sentence = sentenceOf(broken, terms);
  return broken.clause === "open failed" || broken.clause === "records failed"
    ? sentence
    : `The ${terms.subject} is opened again. ${sentence}`;
}
