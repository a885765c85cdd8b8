// Made by `npm run gen` from the files of expectations/types. Not for editing.
import type { ExpectationType } from './define-expectation.ts';
import expect_column_distinct_values_to_be_in_set from './types/expect_column_distinct_values_to_be_in_set.ts';
import expect_column_distinct_values_to_contain_set from './types/expect_column_distinct_values_to_contain_set.ts';
import expect_column_distinct_values_to_equal_set from './types/expect_column_distinct_values_to_equal_set.ts';
import expect_column_kl_divergence_to_be_less_than from './types/expect_column_kl_divergence_to_be_less_than.ts';
import expect_column_max_to_be_between from './types/expect_column_max_to_be_between.ts';
import expect_column_max_to_be_fresh from './types/expect_column_max_to_be_fresh.ts';
import expect_column_mean_to_be_between from './types/expect_column_mean_to_be_between.ts';
import expect_column_median_to_be_between from './types/expect_column_median_to_be_between.ts';
import expect_column_min_to_be_between from './types/expect_column_min_to_be_between.ts';
import expect_column_most_common_value_to_be_in_set from './types/expect_column_most_common_value_to_be_in_set.ts';
import expect_column_null_share_to_be_within_learned_band from './types/expect_column_null_share_to_be_within_learned_band.ts';
import expect_column_pair_values_a_to_be_greater_than_b from './types/expect_column_pair_values_a_to_be_greater_than_b.ts';
import expect_column_pair_values_to_be_equal from './types/expect_column_pair_values_to_be_equal.ts';
import expect_column_pair_values_to_be_in_set from './types/expect_column_pair_values_to_be_in_set.ts';
import expect_column_proportion_of_non_null_values_to_be_between from './types/expect_column_proportion_of_non_null_values_to_be_between.ts';
import expect_column_proportion_of_unique_values_to_be_between from './types/expect_column_proportion_of_unique_values_to_be_between.ts';
import expect_column_quantile_values_to_be_between from './types/expect_column_quantile_values_to_be_between.ts';
import expect_column_stdev_to_be_between from './types/expect_column_stdev_to_be_between.ts';
import expect_column_sum_to_be_between from './types/expect_column_sum_to_be_between.ts';
import expect_column_to_exist from './types/expect_column_to_exist.ts';
import expect_column_type_to_be from './types/expect_column_type_to_be.ts';
import expect_column_unique_value_count_to_be_between from './types/expect_column_unique_value_count_to_be_between.ts';
import expect_column_value_lengths_to_be_between from './types/expect_column_value_lengths_to_be_between.ts';
import expect_column_value_lengths_to_equal from './types/expect_column_value_lengths_to_equal.ts';
import expect_column_value_z_scores_to_be_less_than from './types/expect_column_value_z_scores_to_be_less_than.ts';
import expect_column_values_to_be_between from './types/expect_column_values_to_be_between.ts';
import expect_column_values_to_be_dateutil_parseable from './types/expect_column_values_to_be_dateutil_parseable.ts';
import expect_column_values_to_be_decreasing from './types/expect_column_values_to_be_decreasing.ts';
import expect_column_values_to_be_in_set from './types/expect_column_values_to_be_in_set.ts';
import expect_column_values_to_be_in_type_list from './types/expect_column_values_to_be_in_type_list.ts';
import expect_column_values_to_be_increasing from './types/expect_column_values_to_be_increasing.ts';
import expect_column_values_to_be_json_parseable from './types/expect_column_values_to_be_json_parseable.ts';
import expect_column_values_to_be_null from './types/expect_column_values_to_be_null.ts';
import expect_column_values_to_be_of_type from './types/expect_column_values_to_be_of_type.ts';
import expect_column_values_to_be_unique from './types/expect_column_values_to_be_unique.ts';
import expect_column_values_to_exist_in_other_table from './types/expect_column_values_to_exist_in_other_table.ts';
import expect_column_values_to_match_like_pattern from './types/expect_column_values_to_match_like_pattern.ts';
import expect_column_values_to_match_like_pattern_list from './types/expect_column_values_to_match_like_pattern_list.ts';
import expect_column_values_to_match_regex from './types/expect_column_values_to_match_regex.ts';
import expect_column_values_to_match_regex_list from './types/expect_column_values_to_match_regex_list.ts';
import expect_column_values_to_match_strftime_format from './types/expect_column_values_to_match_strftime_format.ts';
import expect_column_values_to_not_be_in_set from './types/expect_column_values_to_not_be_in_set.ts';
import expect_column_values_to_not_be_null from './types/expect_column_values_to_not_be_null.ts';
import expect_column_values_to_not_be_outliers from './types/expect_column_values_to_not_be_outliers.ts';
import expect_column_values_to_not_match_like_pattern from './types/expect_column_values_to_not_match_like_pattern.ts';
import expect_column_values_to_not_match_like_pattern_list from './types/expect_column_values_to_not_match_like_pattern_list.ts';
import expect_column_values_to_not_match_regex from './types/expect_column_values_to_not_match_regex.ts';
import expect_column_values_to_not_match_regex_list from './types/expect_column_values_to_not_match_regex_list.ts';
import expect_compound_columns_to_be_unique from './types/expect_compound_columns_to_be_unique.ts';
import expect_compound_columns_to_be_unique_in_published from './types/expect_compound_columns_to_be_unique_in_published.ts';
import expect_multicolumn_sum_to_equal from './types/expect_multicolumn_sum_to_equal.ts';
import expect_multicolumn_values_to_be_equal from './types/expect_multicolumn_values_to_be_equal.ts';
import expect_query_results_to_match_comparison from './types/expect_query_results_to_match_comparison.ts';
import expect_select_column_values_to_be_unique_within_record from './types/expect_select_column_values_to_be_unique_within_record.ts';
import expect_table_column_count_to_be_between from './types/expect_table_column_count_to_be_between.ts';
import expect_table_column_count_to_equal from './types/expect_table_column_count_to_equal.ts';
import expect_table_columns_to_match_ordered_list from './types/expect_table_columns_to_match_ordered_list.ts';
import expect_table_columns_to_match_set from './types/expect_table_columns_to_match_set.ts';
import expect_table_row_count_to_be_between from './types/expect_table_row_count_to_be_between.ts';
import expect_table_row_count_to_be_within_learned_band from './types/expect_table_row_count_to_be_within_learned_band.ts';
import expect_table_row_count_to_equal from './types/expect_table_row_count_to_equal.ts';
import expect_table_row_count_to_equal_other_table from './types/expect_table_row_count_to_equal_other_table.ts';
import expect_table_schema_to_match_published from './types/expect_table_schema_to_match_published.ts';
import unexpected_rows_expectation from './types/unexpected_rows_expectation.ts';

/** Every kind of promise, by its name in Great Expectations. */
export const expectationTypes = {
  expect_column_distinct_values_to_be_in_set,
  expect_column_distinct_values_to_contain_set,
  expect_column_distinct_values_to_equal_set,
  expect_column_kl_divergence_to_be_less_than,
  expect_column_max_to_be_between,
  expect_column_max_to_be_fresh,
  expect_column_mean_to_be_between,
  expect_column_median_to_be_between,
  expect_column_min_to_be_between,
  expect_column_most_common_value_to_be_in_set,
  expect_column_null_share_to_be_within_learned_band,
  expect_column_pair_values_a_to_be_greater_than_b,
  expect_column_pair_values_to_be_equal,
  expect_column_pair_values_to_be_in_set,
  expect_column_proportion_of_non_null_values_to_be_between,
  expect_column_proportion_of_unique_values_to_be_between,
  expect_column_quantile_values_to_be_between,
  expect_column_stdev_to_be_between,
  expect_column_sum_to_be_between,
  expect_column_to_exist,
  expect_column_type_to_be,
  expect_column_unique_value_count_to_be_between,
  expect_column_value_lengths_to_be_between,
  expect_column_value_lengths_to_equal,
  expect_column_value_z_scores_to_be_less_than,
  expect_column_values_to_be_between,
  expect_column_values_to_be_dateutil_parseable,
  expect_column_values_to_be_decreasing,
  expect_column_values_to_be_in_set,
  expect_column_values_to_be_in_type_list,
  expect_column_values_to_be_increasing,
  expect_column_values_to_be_json_parseable,
  expect_column_values_to_be_null,
  expect_column_values_to_be_of_type,
  expect_column_values_to_be_unique,
  expect_column_values_to_exist_in_other_table,
  expect_column_values_to_match_like_pattern,
  expect_column_values_to_match_like_pattern_list,
  expect_column_values_to_match_regex,
  expect_column_values_to_match_regex_list,
  expect_column_values_to_match_strftime_format,
  expect_column_values_to_not_be_in_set,
  expect_column_values_to_not_be_null,
  expect_column_values_to_not_be_outliers,
  expect_column_values_to_not_match_like_pattern,
  expect_column_values_to_not_match_like_pattern_list,
  expect_column_values_to_not_match_regex,
  expect_column_values_to_not_match_regex_list,
  expect_compound_columns_to_be_unique,
  expect_compound_columns_to_be_unique_in_published,
  expect_multicolumn_sum_to_equal,
  expect_multicolumn_values_to_be_equal,
  expect_query_results_to_match_comparison,
  expect_select_column_values_to_be_unique_within_record,
  expect_table_column_count_to_be_between,
  expect_table_column_count_to_equal,
  expect_table_columns_to_match_ordered_list,
  expect_table_columns_to_match_set,
  expect_table_row_count_to_be_between,
  expect_table_row_count_to_be_within_learned_band,
  expect_table_row_count_to_equal,
  expect_table_row_count_to_equal_other_table,
  expect_table_schema_to_match_published,
  unexpected_rows_expectation,
} as const satisfies Readonly<Record<string, ExpectationType>>;

/** Name of a kind of promise. */
export type ExpectationName = keyof typeof expectationTypes;
