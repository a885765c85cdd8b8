import { stringify } from 'yaml';

/** The module in `gx/plugins` that knows Weir's own types. */
export const PLUGIN = 'weir_data_docs';

const filesystem = (folder: string, more = {}): object => ({
  class_name: 'TupleFilesystemStoreBackend',
  base_directory: folder,
  ...more,
});

/**
 * `great_expectations.yml`: where suites and results lie, and the one site that is built of them. The store of
 * suites is opened first, and so the plugin with it. The section of profiles, of which there are none, would read each
 * result a second time.
 *
 * @see https://docs.greatexpectations.io/docs/core/configure_project_settings/configure_data_docs/
 */
export function projectText(): string {
  const project = {
    config_version: 4,
    config_variables_file_path: 'uncommitted/config_variables.yml',
    plugins_directory: 'plugins/',
    stores: {
      expectations_store: {
        class_name: 'ExpectationsStore',
        module_name: PLUGIN,
        store_backend: filesystem('expectations/'),
      },
      validation_results_store: {
        class_name: 'ValidationResultsStore',
        store_backend: filesystem('uncommitted/validations/'),
      },
      checkpoint_store: {
        class_name: 'CheckpointStore',
        store_backend: filesystem('checkpoints/', { suppress_store_backend_id: true }),
      },
      validation_definition_store: {
        class_name: 'ValidationDefinitionStore',
        store_backend: filesystem('validation_definitions/'),
      },
    },
    expectations_store_name: 'expectations_store',
    validation_results_store_name: 'validation_results_store',
    checkpoint_store_name: 'checkpoint_store',
    data_docs_sites: {
      local_site: {
        class_name: 'SiteBuilder',
        show_how_to_buttons: false,
        store_backend: filesystem('uncommitted/data_docs/local_site/'),
        site_index_builder: { class_name: 'DefaultSiteIndexBuilder' },
        site_section_builders: { profiling: 'None' },
      },
    },
    analytics_enabled: false,
  };
  return `# Written by \`weir docs export\`, and written again each time.\n${stringify(project)}`;
}
