// The page's content security policy forbids code made from text, so zod must not even try. It does when the first schema is
// made: this has to be imported before anything else.
import { config } from 'zod';

config({ jitless: true });
