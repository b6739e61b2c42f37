/**
 * Whether an endpoint refused a prompt because it does not fit, and what it says of its size. There is no one word for
 * it, so each server's own is listed.
 */

/** What was told of sizes, in tokens. */
export type Overflow = { readonly contextTokens?: number; readonly promptTokens?: number }

/** What an endpoint said, as far as it may tell of an overflow. */
export type Told = {
  readonly status: number | undefined
  readonly code: string
  readonly type: string
  readonly message: string
  /** The body's own fields: llama.cpp has `n_ctx` and `n_prompt_tokens`. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** OpenAI, and many after it; llama.cpp (ggml-org/llama.cpp#15780). */
const CODES: ReadonlySet<string> = new Set(['context_length_exceeded', 'exceed_context_size_error'])

const WORDINGS: readonly RegExp[] = [
  // OpenAI, vLLM (vllm-project/vllm#20409)
  /maximum context length is (?<context>\d+)/i,
  // vLLM, of a prompt alone
  /longer than the maximum model length of (?<context>\d+)/i,
  // vLLM, where the prompt leaves nothing for the reply (vllm-project/vllm#4667)
  /max_tokens must be at least 1, got -\d+/i,
  // llama.cpp (ggml-org/llama.cpp#19774), with and without numbers
  /request \((?<prompt>\d+) tokens\) exceeds the available context size \((?<context>\d+) tokens\)/i,
  /exceeds the available context size/i,
  // llama.cpp in the middle of a reply, and LM Studio with MLX (lmstudio-ai/lmstudio-bug-tracker#2339)
  /context size has been exceeded/i,
  // llama-cpp-python
  /requested tokens \((?<prompt>\d+)\) exceed context window of (?<context>\d+)/i,
  // LM Studio with GGUF
  /keep the first (?<prompt>\d+) tokens.*context length of only (?<context>\d+)/is,
  // Ollama
  /input length exceeds (the |maximum )?context length/i,
  // Anthropic's models behind proxies
  /prompt is too long: (?<prompt>\d+) tokens > (?<context>\d+)/i,
  // Gemini (google-gemini/gemini-cli#6678)
  /input token count \(?(?<prompt>\d+)\)? exceeds the maximum number of tokens allowed \(?(?<context>\d+)\)?/i,
  // xAI (cline/cline#3120)
  /maximum prompt length is (?<context>\d+) but the request contains (?<prompt>\d+) tokens/i,
  // Mistral's own endpoint
  /prompt contains (?<prompt>\d+) tokens.* too large for model with (?<context>\d+) maximum context length/i,
  // Text Generation Inference (huggingface/chat-ui#340, huggingface/text-generation-inference#695)
  /`inputs` tokens \+ `max_new_tokens` must be <= (?<context>\d+)\. Given: (?<prompt>\d+)/i,
  /`inputs` must have less than (?<context>\d+) tokens\. Given: (?<prompt>\d+)/i,
  // Cohere
  /tokens in the prompt cannot exceed (?<context>\d+) - received (?<prompt>\d+)/i,
  // Bedrock behind gateways, which tells no numbers
  /input is too long for requested model/i,
  // OpenAI and Groq, of a call larger than a minute's tokens: no waiting helps.
  /request too large for .*limit:? (?<context>\d+), requested:? (?<prompt>\d+)/is,
]

/** How OpenAI and vLLM tell the size of a prompt, somewhere behind the size of the context. */
const PROMPT = /(?:resulted in|contains at least|your request has|requested) (\d+) (?:input )?tokens/i

export function overflowIn({ status, code, type, message, fields }: Told): Overflow | undefined {
  const wording = WORDINGS.map((pattern) => pattern.exec(message)).find((match) => match !== null)
  const isNamed = CODES.has(code) || CODES.has(type) || status === 413
  if (wording === undefined && !isNamed) return undefined
  const context = wording?.groups?.context ?? fields.n_ctx
  const prompt = wording?.groups?.prompt ?? fields.n_prompt_tokens ?? PROMPT.exec(message)?.[1]
  return {
    ...(isTokens(context) && { contextTokens: Number(context) }),
    ...(isTokens(prompt) && { promptTokens: Number(prompt) }),
  }
}

const isTokens = (value: unknown) => Number.isSafeInteger(Number(value ?? Number.NaN)) && Number(value) > 0
