import { ChatMLChatWrapper, LlamaText, resolveChatWrapper, SpecialToken } from 'node-llama-cpp';
import type { ChatWrapper, ChatWrapperGenerateContextStateOptions, ChatWrapperGeneratedContextState, LlamaModel } from 'node-llama-cpp';

/** The engine's ChatML begins every prompt with the BOS token; a model trained without it then sees one <|im_start|> too many. */
class ChatMLWithoutBos extends ChatMLChatWrapper {
  override generateContextState(options: ChatWrapperGenerateContextStateOptions): ReturnType<ChatMLChatWrapper['generateContextState']> {
    const state: ChatWrapperGeneratedContextState = super.generateContextState(options);
    const [first, ...rest] = state.contextText.values;
    return first instanceof SpecialToken && first.value === 'BOS' ? Object.assign(state, { contextText: LlamaText(rest) }) : state;
  }
}

/** The chat template of the model, as the model was trained on it. */
export function exactWrapper(model: LlamaModel): ChatWrapper {
  const wrapper = resolveChatWrapper(model);
  return wrapper instanceof ChatMLChatWrapper && !model.tokens.shouldPrependBosToken ? new ChatMLWithoutBos() : wrapper;
}
