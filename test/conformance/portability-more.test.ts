import { playPairs } from '../support/portability/play.ts';

playPairs('second');
