export { interceptors } from '../../../workflows/interceptors.ts';
