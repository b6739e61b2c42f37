/** What a call to a model was asked and what it used, as attributes of its span. */
import { GEN_AI, SKEIN } from '../../traces/names.ts'
import type { AttributeValue } from '../../traces/span.ts'
import type { ModelParameters, Usage } from '../model/model.ts'

type Attributes = Readonly<Record<string, AttributeValue>>

export const parameterAttributes = (parameters: ModelParameters): Attributes =>
  known({
    [GEN_AI.requestTemperature]: parameters.temperature,
    [GEN_AI.requestTopP]: parameters.topP,
    [GEN_AI.requestSeed]: parameters.seed,
    [GEN_AI.requestStopSequences]: parameters.stop,
    [GEN_AI.requestMaxTokens]: parameters.maxOutputTokens,
    [SKEIN.reasoningEffort]: parameters.reasoningEffort,
    [SKEIN.parallelToolCalls]: parameters.parallelToolCalls,
  })

export const usageAttributes = (usage: Usage): Attributes =>
  known({
    [GEN_AI.usageInputTokens]: usage.inputTokens,
    [GEN_AI.usageOutputTokens]: usage.outputTokens,
    [GEN_AI.usageCachedTokens]: usage.cachedTokens,
    [GEN_AI.usageReasoningTokens]: usage.reasoningTokens,
  })

function known(values: Readonly<Record<string, AttributeValue | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Attributes
}
