import type { Clause } from "../check/oracle.ts";
import { visible } from "./visible.ts";

/** Why each clause matters, in a sentence for whoever meets it for the first time. */
export const WHY: Readonly<Record<Clause, string>> = {
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
    "The log does not open after the power loss, so everything that it had promised to keep is out of reach.",
  "records failed":
    "The log opens, but cannot be read, so everything that it had promised to keep is out of reach.",
};

/** What is broken, in one sentence. */
export function sentenceOf(
  { clause, message }: { readonly clause: Clause; readonly message: string },
): string {
  const [what] = message.split(/ \((?=\d+ records? owed)/);
  const sentence = visible(
    clause === "open failed"
      ? `The log cannot be opened any more: ${what}`
      : clause === "records failed"
      ? `The records cannot be read any more: ${what}`
      : what!,
  );
  return /[.!?…\])]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** The last step of the story: what the log does when it is opened. */
export function endOf(
  { clause, message }: { readonly clause: Clause; readonly message: string },
): string {
  return clause === "open failed" || clause === "records failed"
    ? sentenceOf({ clause, message })
    : `The log is opened again. ${sentenceOf({ clause, message })}`;
}
