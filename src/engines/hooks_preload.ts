/**
 * Installs the hooks before anything else is loaded: `deno run --preload src/engines/hooks_preload.ts`.
 *
 * @module
 */
import { installHooks } from "./hooks.ts";

installHooks();
