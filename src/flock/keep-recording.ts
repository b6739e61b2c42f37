/** Records a run that is over into a file. */
import { type RecordRunOptions, recordRun } from '../recording/record-run.ts'
import type { Recording } from '../recording/recording.ts'
import { type RecordTo, writeRecording } from './recording-file.ts'

/** Answers what is in the file. @throws RecordingError; SkeinError where something of the run is gone from the bus */
export async function keepRecording(
  to: RecordTo,
  options: Omit<RecordRunOptions, 'skein'> & { readonly skein?: string },
): Promise<Recording> {
  const recording = await recordRun({ skein: 'unknown', ...options })
  await writeRecording(recording, to)
  return recording
}
