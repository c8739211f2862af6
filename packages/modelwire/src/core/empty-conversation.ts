import { GatewayError } from './errors.ts';
import { type Target, targetName } from './target.ts';

/** All of a conversation was left out with notes: nobody can be asked nothing, however lenient the call is. `path` is its first message. */
export function emptyConversation(path: string, target: Target): GatewayError {
  return new GatewayError('unsupported_parameter', `${path} cannot be sent to ${targetName(target)}: nothing of the conversation is left`, {
    param: path,
    hint: 'Send a message of the user',
  });
}
