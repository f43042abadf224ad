// The time.

import { clock } from "./host.js";

// Seconds since 1970-01-01 UTC. Coarse on purpose.
export function now() {
  return Number(clock.now());
}
