/**
 * A binding's arrival at an API server and a Lease's arrival at the watch are observed in different ways: a new leader may
 * bind before the watch reports it, and an old one's last request may arrive after. That much, either way, is no breach.
 */
export const inFlightMs = 1_000
