/**
 * What an agent's request may lose on a foreign provider, by path and reason: hints that only their own provider takes, each with a note.
 * A loss that is not here fails the case.
 */
const expected: readonly RegExp[] = [
  // Of Claude Code: what Anthropic keeps for itself. Caching goes on without marks where it is automatic.
  /\.cache_control: prompt caching is automatic there$/,
  /^anthropic-beta: [a-z-]+ has no such header$/,
  /^context_management: edits of the context are made by Anthropic$/,
  /^system\[0\]: the line about billing is for Anthropic alone$/,
  /^tools\[\d+\]\.defer_loading: tools are loaded late by Anthropic alone$/,
  /^metadata\.user_id: (?:there is no place for an end user|an end user's name has at most 64 characters there)$/,
  // How much to think, where nobody told what the model takes; and how it is shown.
  /^(?:thinking|thinking\.display|reasoning\.summary|generationConfig\.thinkingConfig\.includeThoughts): (?:how thinking is shown cannot be chosen|thinking is always shown) there$/,
  /^(?:reasoning\.effort|generationConfig\.thinkingConfig): without an output limit (?:a budget says no effort|an effort says no budget)$/,
  // Google tells the model of these keywords, and holds it to the others.
  /^tools\[\d+\].*: the schema's [\w, $]+ is sent, but not held to$/,
  // Of answers: Bedrock's format counts no thinking apart, and a text that was signed needs no signature when it comes back.
  /^usage\.reasoning: (?:these tokens are not counted apart|thinking is not counted apart|it is counted with the rest)$/,
  /^thoughtSignature: only callers of gemini can send the signature of a text back$/,
  /^serviceTier: which tier served the answer has no place$/,
  // Of answers that end without a call, in formats that can bring thinking back by the id of a call alone.
  /^(?:thinking|signature|redacted): only the id of a call can bear (?:whose the thinking before it is|the signature of the thinking before it|the thinking before it that is not shown)$/,
  // Of Ollama's client for Python, which sends thinking back without the ids of its calls, so that nobody knows whose it is.
  /^messages\[\d+\]\.thinking: reasoning (?:without a signature|of unknown origin) is withheld$/,
  // Of Codex: what OpenAI counts and searches.
  /^client_metadata: what a client tells the makers of its provider is for them alone$/,
  /^prompt_cache_key: there is no key for prompt caching$/,
  /^text\.verbosity: there is no verbosity setting$/,
  /^tools\[\d+\]: "web_search" is run by providers of openai-responses: the other tools are sent without it$/,
  // Of Gemini CLI.
  /^generationConfig\.topK: (?:there is no top_k in this format|the responses format has no such field)$/,
  // An assistant message that only calls, with an empty text beside.
  /^(?:messages\[\d+\]\.content|contents\[\d+\]\.parts\[\d+\]): an empty text (?:is refused there|says nothing)$/,
  // Of Google's client for Python, which makes one of a function's annotations.
  /^tools\[\d+\]\.functionDeclarations\[\d+\]\.responseJsonSchema: the schema of a result has no place$/,
  // Of LangChain: who says a message, and which tool a result is of, by name besides the id.
  /^messages\[\d+\]\.name: (?:messages have no name there|[a-z-]+ has no such field)$/,
  // Of the AI SDK: how finely Anthropic streams arguments. Of Pydantic AI: Google's word for calls that are held to their schema.
  /^tools\[\d+\]\.eager_input_streaming: how finely arguments stream is the provider’s matter$/,
  /^toolConfig\.functionCallingConfig\.mode: calls are not held to their schema by this word there$/,
  // Ollama holds no call to its schema.
  /^tools\[\d+\](?:\.function)?\.strict: calls are not held to their schema there$/,
  // Of Instructor, which wants one call: it forces one tool, and takes the first.
  /^tool_choice\.disable_parallel_tool_use: parallel calls cannot be switched off there$/,
];

export function isExpected(path: string, reason: string): boolean {
  return expected.some((pattern) => pattern.test(`${path}: ${reason}`));
}
