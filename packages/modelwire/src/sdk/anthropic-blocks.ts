/**
 * Content blocks, as the model writes them (`…Block`) and as they are sent (`…BlockParam`), under the official package's names and
 * assignable to and from its types (test/types/anthropic.test-types.ts).
 */

export type CacheControlEphemeral = { type: 'ephemeral'; ttl?: '5m' | '1h' };

/** Where a prompt-cache prefix ends. */
type Cached = { cache_control?: CacheControlEphemeral | null };

export type CitationsConfigParam = { enabled?: boolean };

// As the model writes them

export type ContentBlock =
  | TextBlock
  | ThinkingBlock
  | RedactedThinkingBlock
  | ToolUseBlock
  | ServerToolUseBlock
  | WebSearchToolResultBlock
  | WebFetchToolResultBlock
  | CodeExecutionToolResultBlock
  | BashCodeExecutionToolResultBlock
  | TextEditorCodeExecutionToolResultBlock
  | ToolSearchToolResultBlock
  | ContainerUploadBlock;

export type TextBlock = { citations: TextCitation[] | null; text: string; type: 'text' };
export type ThinkingBlock = { signature: string; thinking: string; type: 'thinking' };
export type RedactedThinkingBlock = { data: string; type: 'redacted_thinking' };
export type ToolUseBlock = { id: string; caller: ToolUseCaller; input: unknown; name: string; type: 'tool_use'; toolset_name?: string | null };
export type ServerToolUseBlock = { id: string; caller: ToolUseCaller; input: unknown; name: ServerToolName; type: 'server_tool_use' };
export type ContainerUploadBlock = { file_id: string; type: 'container_upload' };

export type ToolUseCaller = { type: 'direct' } | { tool_id: string; type: 'code_execution_20250825' } | { tool_id: string; type: 'code_execution_20260120' };
export type ServerToolName =
  | 'web_search'
  | 'web_fetch'
  | 'code_execution'
  | 'bash_code_execution'
  | 'text_editor_code_execution'
  | 'tool_search_tool_regex'
  | 'tool_search_tool_bm25';

export type WebSearchToolResultBlock = {
  caller: ToolUseCaller;
  content: WebSearchToolResultError | WebSearchResultBlock[];
  tool_use_id: string;
  type: 'web_search_tool_result';
};
export type WebSearchResultBlock = { encrypted_content: string; page_age: string | null; title: string; type: 'web_search_result'; url: string };
export type WebSearchToolResultError = {
  error_code: 'invalid_tool_input' | 'unavailable' | 'max_uses_exceeded' | 'too_many_requests' | 'query_too_long' | 'request_too_large';
  type: 'web_search_tool_result_error';
};

export type WebFetchToolResultBlock = {
  caller: ToolUseCaller;
  content: WebFetchToolResultError | WebFetchBlock;
  tool_use_id: string;
  type: 'web_fetch_tool_result';
};
export type WebFetchBlock = { content: DocumentBlock; retrieved_at: string | null; type: 'web_fetch_result'; url: string };
export type WebFetchToolResultError = {
  error_code:
    | 'invalid_tool_input'
    | 'url_too_long'
    | 'url_not_allowed'
    | 'url_not_in_prior_context'
    | 'url_not_accessible'
    | 'unsupported_content_type'
    | 'too_many_requests'
    | 'max_uses_exceeded'
    | 'unavailable'
    | 'content_too_large';
  type: 'web_fetch_tool_result_error';
};
export type DocumentBlock = { citations: { enabled: boolean } | null; source: Base64PDFSource | PlainTextSource; title: string | null; type: 'document' };

/** What any of the code tools may say went wrong. */
type CodeFault = 'invalid_tool_input' | 'unavailable' | 'too_many_requests' | 'execution_time_exceeded';

export type CodeExecutionToolResultBlock = {
  content: CodeExecutionToolResultError | CodeExecutionResultBlock | EncryptedCodeExecutionResultBlock;
  tool_use_id: string;
  type: 'code_execution_tool_result';
};
export type CodeExecutionToolResultError = { error_code: CodeFault; type: 'code_execution_tool_result_error' };
export type CodeExecutionOutputBlock = { file_id: string; type: 'code_execution_output' };
type CodeExecutionResult = { content: CodeExecutionOutputBlock[]; return_code: number; stderr: string };
export type CodeExecutionResultBlock = CodeExecutionResult & { stdout: string; type: 'code_execution_result' };
export type EncryptedCodeExecutionResultBlock = CodeExecutionResult & { encrypted_stdout: string; type: 'encrypted_code_execution_result' };

export type BashCodeExecutionToolResultBlock = {
  content: BashCodeExecutionToolResultError | BashCodeExecutionResultBlock;
  tool_use_id: string;
  type: 'bash_code_execution_tool_result';
};
export type BashCodeExecutionToolResultError = { error_code: CodeFault | 'output_file_too_large'; type: 'bash_code_execution_tool_result_error' };
export type BashCodeExecutionResultBlock = {
  content: { file_id: string; type: 'bash_code_execution_output' }[];
  return_code: number;
  stderr: string;
  stdout: string;
  type: 'bash_code_execution_result';
};

export type TextEditorCodeExecutionToolResultBlock = {
  content:
    | TextEditorCodeExecutionToolResultError
    | TextEditorCodeExecutionViewResultBlock
    | TextEditorCodeExecutionCreateResultBlock
    | TextEditorCodeExecutionStrReplaceResultBlock;
  tool_use_id: string;
  type: 'text_editor_code_execution_tool_result';
};
export type TextEditorCodeExecutionToolResultError = {
  error_code: CodeFault | 'file_not_found';
  error_message: string | null;
  type: 'text_editor_code_execution_tool_result_error';
};
export type TextEditorCodeExecutionViewResultBlock = {
  content: string;
  file_type: 'text' | 'image' | 'pdf';
  num_lines: number | null;
  start_line: number | null;
  total_lines: number | null;
  type: 'text_editor_code_execution_view_result';
};
export type TextEditorCodeExecutionCreateResultBlock = { is_file_update: boolean; type: 'text_editor_code_execution_create_result' };
export type TextEditorCodeExecutionStrReplaceResultBlock = {
  lines: string[] | null;
  new_lines: number | null;
  new_start: number | null;
  old_lines: number | null;
  old_start: number | null;
  type: 'text_editor_code_execution_str_replace_result';
};

export type ToolSearchToolResultBlock = {
  content: ToolSearchToolResultError | ToolSearchToolSearchResultBlock;
  tool_use_id: string;
  type: 'tool_search_tool_result';
};
export type ToolSearchToolResultError = { error_code: CodeFault; error_message: string | null; type: 'tool_search_tool_result_error' };
export type ToolSearchToolSearchResultBlock = { tool_references: ToolReferenceBlock[]; type: 'tool_search_tool_search_result' };
export type ToolReferenceBlock = { tool_name: string; type: 'tool_reference' };

// Citations

type Cited = { cited_text: string };
type InDocument = Cited & { document_index: number; document_title: string | null };
type CharRange = InDocument & { end_char_index: number; start_char_index: number; type: 'char_location' };
type PageRange = InDocument & { end_page_number: number; start_page_number: number; type: 'page_location' };
type BlockRange = InDocument & { end_block_index: number; start_block_index: number; type: 'content_block_location' };
type SearchResultRange = Cited & {
  end_block_index: number;
  search_result_index: number;
  source: string;
  start_block_index: number;
  title: string | null;
  type: 'search_result_location';
};
type WebRange = Cited & { encrypted_index: string; title: string | null; type: 'web_search_result_location'; url: string };
type OfFile = { file_id: string | null };

export type TextCitation = (CharRange & OfFile) | (PageRange & OfFile) | (BlockRange & OfFile) | WebRange | SearchResultRange;
export type TextCitationParam = CharRange | PageRange | BlockRange | WebRange | SearchResultRange;

// As they are sent

export type ContentBlockParam =
  | TextBlockParam
  | ImageBlockParam
  | DocumentBlockParam
  | SearchResultBlockParam
  | ThinkingBlock
  | RedactedThinkingBlock
  | ToolUseBlockParam
  | ToolResultBlockParam
  | ServerToolUseBlockParam
  | WebSearchToolResultBlockParam
  | WebFetchToolResultBlockParam
  | CodeExecutionToolResultBlockParam
  | BashCodeExecutionToolResultBlockParam
  | TextEditorCodeExecutionToolResultBlockParam
  | ToolSearchToolResultBlockParam
  | ContainerUploadBlockParam;

export type TextBlockParam = Cached & { text: string; type: 'text'; citations?: TextCitationParam[] | null };
export type ImageBlockParam = Cached & {
  source: Base64ImageSource | URLSource | FileSource;
  type: 'image';
  transformations?: { oversized_image?: 'downsize' | 'error' } | null;
};
export type DocumentBlockParam = Cached & {
  source: Base64PDFSource | PlainTextSource | ContentBlockSource | URLSource | FileSource;
  type: 'document';
  citations?: CitationsConfigParam | null;
  context?: string | null;
  title?: string | null;
};
export type SearchResultBlockParam = Cached & {
  content: TextBlockParam[];
  source: string;
  title: string;
  type: 'search_result';
  citations?: CitationsConfigParam;
};
export type ToolUseBlockParam = Cached & { id: string; input: unknown; name: string; type: 'tool_use'; caller?: ToolUseCaller; toolset_name?: string | null };
export type ToolResultBlockParam = Cached & {
  tool_use_id: string;
  type: 'tool_result';
  content?: string | (TextBlockParam | ImageBlockParam | SearchResultBlockParam | DocumentBlockParam | ToolReferenceBlockParam | BrowserStateBlockParam)[];
  is_error?: boolean;
  toolset_name?: string | null;
};
export type ServerToolUseBlockParam = Cached & { id: string; input: unknown; name: ServerToolName; type: 'server_tool_use'; caller?: ToolUseCaller };
export type ContainerUploadBlockParam = Cached & ContainerUploadBlock;
export type ToolReferenceBlockParam = Cached & ToolReferenceBlock;

export type Base64ImageSource = { data: string; media_type: 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp'; type: 'base64' };
export type Base64PDFSource = { data: string; media_type: 'application/pdf'; type: 'base64' };
export type PlainTextSource = { data: string; media_type: 'text/plain'; type: 'text' };
export type ContentBlockSource = { content: string | (TextBlockParam | ImageBlockParam)[]; type: 'content' };
export type URLSource = { type: 'url'; url: string };
export type FileSource = { file_id: string; type: 'file' };

/** What Anthropic's own tools answered, sent back in the next turn. */
export type WebSearchToolResultBlockParam = Cached & {
  content: (Omit<WebSearchResultBlock, 'page_age'> & { page_age?: string | null })[] | WebSearchToolResultError;
  tool_use_id: string;
  type: 'web_search_tool_result';
  caller?: ToolUseCaller;
};
export type WebFetchToolResultBlockParam = Cached & {
  content: WebFetchToolResultError | { content: DocumentBlockParam; type: 'web_fetch_result'; url: string; retrieved_at?: string | null };
  tool_use_id: string;
  type: 'web_fetch_tool_result';
  caller?: ToolUseCaller;
};
export type CodeExecutionToolResultBlockParam = Cached & CodeExecutionToolResultBlock;
export type BashCodeExecutionToolResultBlockParam = Cached & BashCodeExecutionToolResultBlock;
export type TextEditorCodeExecutionToolResultBlockParam = Cached & {
  content:
    | MayOmit<TextEditorCodeExecutionToolResultError, 'error_message'>
    | MayOmit<TextEditorCodeExecutionViewResultBlock, 'num_lines' | 'start_line' | 'total_lines'>
    | TextEditorCodeExecutionCreateResultBlock
    | MayOmit<TextEditorCodeExecutionStrReplaceResultBlock, 'lines' | 'new_lines' | 'new_start' | 'old_lines' | 'old_start'>;
  tool_use_id: string;
  type: 'text_editor_code_execution_tool_result';
};
export type ToolSearchToolResultBlockParam = Cached & {
  content: MayOmit<ToolSearchToolResultError, 'error_message'> | { tool_references: ToolReferenceBlockParam[]; type: 'tool_search_tool_search_result' };
  tool_use_id: string;
  type: 'tool_search_tool_result';
};
type MayOmit<Whole, Keys extends keyof Whole> = Omit<Whole, Keys> & Partial<Pick<Whole, Keys>>;

export type BrowserStateBlockParam = Cached & { tabs: BrowserTab[]; type: 'browser_state'; state_changes?: BrowserStateChange[] | null };
type BrowserTab = { tab_id: string; title: string; url: string; active?: boolean };
type BrowserStateChange =
  | { tab_id: string; type: 'tab_opened' }
  | { download_id: string; type: 'download_started'; url: string }
  | { download_id: string; type: 'download_completed'; url: string; path?: string | null; size_bytes?: number | null }
  | { download_id: string; type: 'download_failed'; url: string; error?: string | null };
