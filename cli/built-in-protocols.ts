/** The protocols that skein brings. */
import { failure } from '../protocols/failure.ts'
import { presence } from '../protocols/presence.ts'
import { question } from '../protocols/question.ts'
import { review } from '../protocols/review.ts'
import { run } from '../protocols/run.ts'
import { supervision } from '../protocols/supervision.ts'
import { task } from '../protocols/task.ts'

export const BUILT_IN_PROTOCOLS = [run, task, question, review, supervision, failure, presence]
