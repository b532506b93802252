export { default } from "./naive_log.ts";
