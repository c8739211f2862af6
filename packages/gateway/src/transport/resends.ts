/** A server may close an idle connection just as the next request goes out on it. Sent again at once this often: that is no answer, so no try. */
export const mostResends = 3;
