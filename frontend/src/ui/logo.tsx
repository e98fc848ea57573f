export function Logo({ className = "size-8" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} role="img" aria-label="Sealcast">
      <rect width="32" height="32" rx="9" fill="#0f766e" />
      <path
        d="M21.6 11.4a6.6 6.6 0 0 0-11.6 1.4c-.9 3 1.3 4.5 4.6 5.1 2.6.5 3.3 1.1 3 2.1-.4 1.3-2.6 1.5-4.2.4"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
      />
      <circle cx="21.8" cy="21.2" r="1.9" fill="#5eead4" />
    </svg>
  );
}
