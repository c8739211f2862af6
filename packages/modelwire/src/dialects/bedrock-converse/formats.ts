/** Bedrock names the formats of media by short words of its own. */

export const imageFormats = ['png', 'jpeg', 'gif', 'webp'] as const;
export const audioFormats = ['mp3', 'wav', 'opus', 'aac', 'flac', 'mp4', 'ogg', 'mkv', 'mka', 'x-aac', 'm4a', 'mpeg', 'mpga', 'pcm', 'webm'] as const;

const documentTypes: ReadonlyMap<string, string> = new Map([
  ['pdf', 'application/pdf'],
  ['csv', 'text/csv'],
  ['doc', 'application/msword'],
  ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xls', 'application/vnd.ms-excel'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['html', 'text/html'],
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
]);

export const documentFormats: readonly string[] = [...documentTypes.keys()];

export function documentType(format: string | undefined): string {
  return documentTypes.get(format ?? '') ?? 'application/octet-stream';
}

/** The word for a media type; undefined when there is none. */
export function documentFormat(mediaType: string): string | undefined {
  const plain = bare(mediaType);
  return documentFormats.find((format) => documentTypes.get(format) === plain);
}

export function imageFormat(mediaType: string): string | undefined {
  const plain = bare(mediaType).replace(/^image\//, '');
  return imageFormats.find((format) => format === (plain === 'jpg' ? 'jpeg' : plain));
}

function bare(mediaType: string): string {
  return (mediaType.split(';')[0] ?? '').trim().toLowerCase();
}
