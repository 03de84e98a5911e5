declare module "aedes-persistence/abstract.js" {
  interface SuiteOptions {
    test: (title: string, run: () => Promise<void>) => void;
    persistence: () => object;
    /** the methods return promises; else they take callbacks */
    testAsync: boolean;
  }
  export default function abstractPersistence(options: SuiteOptions): void;
}
