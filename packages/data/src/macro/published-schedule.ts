// Dates of United States releases as those who release them announced them. Facts, gathered on 2026-11-26 without reaching the
// pages themselves: from stored copies of them and from reprints of the announcements (docs/macro-calendar.md tells which).
//   FOMC  federalreserve.gov/monetarypolicy/fomccalendars.htm; for 2025 and 2026 the announcement of 2024-08-09, for 2027 and
//         January 2028 that of 2025-09-05. The Federal Reserve calls the dates of a coming year tentative.
//   CPI   bls.gov/schedule/news_release/cpi.htm
//   NFP   bls.gov/schedule/news_release/empsit.htm; 2021-11 to 2022-12 from the stored page
//   GDP   bea.gov/news/schedule
//   ISM   ismworld.org/supply-management-news-and-reports/reports/rob-report-calendar

/** Dates of one series that became known together. */
export interface PublishedDates {
  readonly series: string;
  /** Where they are published. */
  readonly source: string;
  /** The day they were announced, or where that is not known the first day of the year they are for. */
  readonly known: string;
  /** New York time of day. */
  readonly time: string;
  /** Days of release. */
  readonly days: readonly string[];
}

const fomc = { series: 'US.FED.RATE', source: 'federalreserve.gov', time: '14:00' } as const;
const cpi = { series: 'US.CPI.YOY', source: 'bls.gov', time: '08:30' } as const;
const nfp = { series: 'US.NFP.CHANGE', source: 'bls.gov', time: '08:30' } as const;
const gdp = { source: 'bea.gov', known: '2026-01-01', time: '08:30' } as const;

export const publishedSchedule: readonly PublishedDates[] = [
  {
    ...fomc,
    known: '2021-01-01',
    days: days('2021', '01-27 03-17 04-28 06-16 07-28 09-22 11-03 12-15'),
  },
  {
    ...fomc,
    known: '2022-01-01',
    days: days('2022', '01-26 03-16 05-04 06-15 07-27 09-21 11-02 12-14'),
  },
  {
    ...fomc,
    known: '2023-01-01',
    days: days('2023', '02-01 03-22 05-03 06-14 07-26 09-20 11-01 12-13'),
  },
  {
    ...fomc,
    known: '2024-01-01',
    days: days('2024', '01-31 03-20 05-01 06-12 07-31 09-18 11-07 12-18'),
  },
  {
    ...fomc,
    known: '2024-08-09',
    days: [
      ...days('2025', '01-29 03-19 05-07 06-18 07-30 09-17 10-29 12-10'),
      ...days('2026', '01-28 03-18 04-29 06-17 07-29 09-16 10-28 12-09'),
      '2027-01-27',
    ],
  },
  {
    ...fomc,
    known: '2025-09-05',
    days: [...days('2027', '01-27 03-17 04-28 06-09 07-28 09-15 10-27 12-08'), '2028-01-26'],
  },
  {
    ...cpi,
    known: '2026-01-01',
    days: days('2026', '01-13 02-11 03-11 04-10 05-12 06-10 07-14 08-12 09-11 10-14 11-10 12-10'),
  },
  // Moved after the lapse of appropriations at the end of January 2026.
  { ...cpi, known: '2026-02-04', days: ['2026-02-13'] },
  { ...cpi, known: '2026-10-01', days: ['2027-01-13'] },
  {
    ...nfp,
    known: '2021-11-01',
    days: [
      ...days('2021', '11-05 12-03'),
      ...days('2022', '01-07 02-04 03-04 04-01 05-06 06-03 07-08 08-05 09-02 10-07 11-04 12-02'),
    ],
  },
  {
    ...nfp,
    known: '2026-01-01',
    days: days('2026', '01-09 02-06 03-06 04-03 05-08 06-05 07-02 08-07 09-04 10-02 11-06 12-04'),
  },
  { ...nfp, known: '2026-02-04', days: ['2026-02-11'] },
  // The advance estimate of the fourth quarter of 2025 came three weeks late, after a lapse of appropriations.
  { ...gdp, series: 'US.GDP.ADVANCE', days: ['2026-02-20', ...days('2026', '04-30 07-30 10-29')] },
  { ...gdp, series: 'US.GDP.SECOND', days: days('2026', '05-28 08-26 11-25') },
  { ...gdp, series: 'US.GDP.THIRD', days: days('2026', '06-25 09-30 12-23') },
  { ...gdp, series: 'US.GDP.ADVANCE', known: '2026-10-01', days: ['2027-01-28'] },
  {
    series: 'US.ISM.MANUFACTURING',
    source: 'ismworld.org',
    known: '2024-01-01',
    time: '10:00',
    days: days('2024', '01-03 02-01 03-01 04-01 05-01 06-03 07-01 08-01 09-03 10-01 11-01 12-02'),
  },
  {
    series: 'US.ISM.SERVICES',
    source: 'ismworld.org',
    known: '2024-01-01',
    time: '10:00',
    days: days('2024', '01-05 02-05 03-05 04-03 05-03 06-05 07-03 08-05 09-05 10-03 11-05 12-04'),
  },
];

function days(year: string, list: string): readonly string[] {
  return list.split(' ').map((day) => `${year}-${day}`);
}
