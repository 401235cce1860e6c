/**
 * The audit log records a binding's arrival, a watch the Lease's. A new leader may bind before the watch reports it,
 * and an old leader's last request may arrive afterwards. Within this time, in either direction, both are allowed.
 */
export const inFlightMs = 1_000
