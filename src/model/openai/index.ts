/** Models of endpoints that speak OpenAI's chat completions: the entry point `skein/openai`. */
export { type OpenaiOptions, openaiModel } from './model.ts'
