/** Names the provider or the route where nothing else in the request does. */
export const providerHeader = 'modelwire-provider';
