/** The tools that a message may offer to the model, and how it may choose among them. */

import type { CacheControlEphemeral, CitationsConfigParam } from './anthropic-blocks.ts';

export type ToolUnion =
  | Tool
  | ToolBash
  | MemoryTool
  | ToolTextEditor
  | CodeExecutionTool
  | WebSearchTool
  | WebFetchTool
  | ToolSearchTool
  | BrowserToolset20260801
  | ComputerToolset20260801;

/** What every tool may say besides its own. */
type Common = {
  allowed_callers?: ('direct' | 'code_execution_20250825' | 'code_execution_20260120' | 'code_execution_20260521')[];
  cache_control?: CacheControlEphemeral | null;
  defer_loading?: boolean;
  strict?: boolean;
};
type WithExamples = Common & { input_examples?: { [key: string]: unknown }[] };

/** A tool that the caller runs. */
export type Tool = WithExamples & {
  /** A JSON Schema. */
  input_schema: { type: 'object'; properties?: unknown; required?: string[] | null; [key: string]: unknown };
  name: string;
  description?: string;
  eager_input_streaming?: boolean | null;
  type?: 'custom' | null;
};

export type ToolBash = WithExamples & { name: 'bash'; type: 'bash_20250124' };
export type MemoryTool = WithExamples & { name: 'memory'; type: 'memory_20250818' };
export type ToolTextEditor =
  | (WithExamples & { name: 'str_replace_editor'; type: 'text_editor_20250124' })
  | (WithExamples & { name: 'str_replace_based_edit_tool'; type: 'text_editor_20250429' })
  | (WithExamples & { name: 'str_replace_based_edit_tool'; type: 'text_editor_20250728'; max_characters?: number | null });

export type CodeExecutionTool = Common & { name: 'code_execution'; type: `code_execution_${'20250522' | '20250825' | '20260120' | '20260521'}` };

export type WebSearchTool =
  | (WebSearch & { type: 'web_search_20250305' | 'web_search_20260209' })
  | (WebSearch & { type: 'web_search_20260318'; response_inclusion?: 'full' | 'excluded' });
type Domains = { allowed_domains?: string[] | null; blocked_domains?: string[] | null; max_uses?: number | null };
type WebSearch = Common & Domains & { name: 'web_search'; user_location?: UserLocation | null };
export type UserLocation = { type: 'approximate'; city?: string | null; country?: string | null; region?: string | null; timezone?: string | null };

export type WebFetchTool =
  | (WebFetch & { type: 'web_fetch_20250910' | 'web_fetch_20260209' })
  | (WebFetch & { type: 'web_fetch_20260309'; use_cache?: boolean })
  | (WebFetch & { type: 'web_fetch_20260318'; use_cache?: boolean; response_inclusion?: 'full' | 'excluded' });
type WebFetch = Common &
  Domains & { name: 'web_fetch'; citations?: CitationsConfigParam | null; max_content_tokens?: number | null; url_sources?: URLSources | null };
type URLSources = {
  client_tool_results?: { type: 'all' } | { type: 'none' } | SomeTools<'only'> | SomeTools<'except'>;
  server_tool_results?: { type: 'all' } | { type: 'none' } | SomeTools<'only'> | SomeTools<'except'>;
  user_input?: { type: 'all' } | { type: 'none' };
};
type SomeTools<Kind> = { tools: { name: string; type: 'tool_reference' }[]; type: Kind };

export type ToolSearchTool =
  | (Common & { name: 'tool_search_tool_bm25'; type: 'tool_search_tool_bm25_20251119' | 'tool_search_tool_bm25' })
  | (Common & { name: 'tool_search_tool_regex'; type: 'tool_search_tool_regex_20251119' | 'tool_search_tool_regex' });

export type BrowserToolset20260801 = {
  type: 'browser_toolset_20260801';
  cache_control?: CacheControlEphemeral | null;
  configs?: Configs<BrowserMember> | null;
};
export type ComputerToolset20260801 = {
  type: 'computer_toolset_20260801';
  cache_control?: CacheControlEphemeral | null;
  configs?: Configs<PointerMember | 'cursor_position'> | null;
};
type Configs<Member extends string> = { [name in Member]?: { defer_loading?: boolean | null; enabled?: boolean | null } | null };
type PointerMember =
  | 'double_click'
  | 'hold_key'
  | 'key'
  | 'left_click'
  | 'left_click_drag'
  | 'left_mouse_down'
  | 'left_mouse_up'
  | 'middle_click'
  | 'mouse_move'
  | 'right_click'
  | 'screenshot'
  | 'scroll'
  | 'triple_click'
  | 'type'
  | 'wait'
  | 'zoom';
type BrowserMember =
  | PointerMember
  | 'close_tab'
  | 'file_upload'
  | 'find'
  | 'form_input'
  | 'get_page_text'
  | 'hover'
  | 'javascript_exec'
  | 'list_tabs'
  | 'navigate'
  | 'new_tab'
  | 'read_console'
  | 'read_network'
  | 'read_page'
  | 'scroll_to'
  | 'switch_tab';

export type ToolChoice = ToolChoiceAuto | ToolChoiceAny | ToolChoiceTool | ToolChoiceNone;
export type ToolChoiceAuto = { type: 'auto'; disable_parallel_tool_use?: boolean };
export type ToolChoiceAny = { type: 'any'; disable_parallel_tool_use?: boolean };
export type ToolChoiceTool = { name: string; type: 'tool'; disable_parallel_tool_use?: boolean };
export type ToolChoiceNone = { type: 'none' };
