/** Records a run that is over into a file. */
import { type RecordRunOptions, recordRun } from '../recording/record-run.ts'
import { type RecordTo, writeRecording } from './recording-file.ts'

/** Answers the path. @throws RecordingError; SkeinError where something of the run is gone from the bus */
export const keepRecording = async (
  to: RecordTo,
  options: Omit<RecordRunOptions, 'skein'> & { readonly skein?: string },
): Promise<string> => writeRecording(await recordRun({ skein: 'unknown', ...options }), to)
