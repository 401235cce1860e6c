import { fillDiskKind } from './fill-disk.ts'
import { fillImageDiskKind } from './fill-image-disk.ts'
import { quotaAlarmKind } from './quota-alarm.ts'
import { restoreSnapshotKind } from './restore-snapshot.ts'
import { slowDiskKind, stallDiskKind } from './stall-disk.ts'
import { wipeMemberKind } from './wipe-member.ts'

/** Faults of disks and of the data on them. */
export const storageKinds = [
  stallDiskKind,
  slowDiskKind,
  fillDiskKind,
  quotaAlarmKind,
  wipeMemberKind,
  restoreSnapshotKind,
  fillImageDiskKind,
] as const
