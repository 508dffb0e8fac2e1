/** What stands where a picture will be, while the first one is loaded. */
export function Skeleton() {
  return (
    <div class="skeleton" aria-hidden="true">
      {[100, 92, 70, 64, 41, 22].map((width) => (
        <span key={width} style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
