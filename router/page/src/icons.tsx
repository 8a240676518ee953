const icon = (path: string) => () => (
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
    <path d={path} />
  </svg>
);

export const LiveIcon = icon("M3 12h4l3-8 4 16 3-8h4");
export const PlanIcon = icon("M9 3h6v5H9zM2 16h6v5H2zM16 16h6v5h-6zM12 8v4M5 16v-4h14v4");
export const SignInIcon = icon("M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0");
export const TourIcon = icon("M5 21V4l7 2 7-2v11l-7 2-7-2");
